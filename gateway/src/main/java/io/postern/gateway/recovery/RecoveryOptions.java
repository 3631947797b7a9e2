package io.postern.gateway.recovery;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.postern.gateway.CommandFailure;
import io.postern.gateway.Site;
import io.postern.gateway.cli.SettingsOptions;
import io.postern.mailbox.KafkaDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command of recovery takes, and where it prints. */
final class RecoveryOptions {
  private static final int VIEW_TIMEOUT_S = 30;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  @Mixin private SettingsOptions settings;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Work at a site whose mailboxes are known. */
  interface Work<T> {
    T at(Site site, KafkaDirectory directory) throws Exception;
  }

  /** Goes to the site that the settings name, whether Postern runs there or not. */
  <T> T visit(Work<T> work) throws Exception {
    try (Site site = Site.visit(settings.read())) {
      KafkaDirectory directory = site.directory();
      try {
        directory
            .whenReady()
            .toCompletableFuture()
            .orTimeout(VIEW_TIMEOUT_S, TimeUnit.SECONDS)
            .join();
      } catch (CompletionException e) {
        throw new CommandFailure("the list of mailboxes cannot be read from Kafka", e);
      }
      return work.at(site, directory);
    }
  }

  /** What commands look at and work on there. */
  Parts parts(Site site, KafkaDirectory directory) {
    return new Parts(
        site.kafka().clients(),
        site.topics(),
        site.store(),
        directory,
        site.mailboxes(directory, new SecureRandom()));
  }

  boolean json() {
    return json;
  }

  Progress progress() {
    return Progress.onTerminal();
  }

  /** Says that the command was used wrongly. */
  ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  void print(String line) {
    out().println(line);
  }

  void printJson(Object value) {
    try {
      print(JSON.writeValueAsString(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For JSON that is too long to be held. The caller flushes it and does not close it. */
  JsonGenerator generator() {
    try {
      return JSON.createGenerator(out()).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
