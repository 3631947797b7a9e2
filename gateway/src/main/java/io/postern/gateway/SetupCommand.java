package io.postern.gateway;

import io.postern.gateway.cli.SettingsOptions;
import io.postern.gateway.config.Settings;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code postern setup}: what services on a cluster need to be there before they can work. */
@Command(
    description = {
      "Makes what services on a cluster need: files of keys and secrets that the settings name, the bucket, the topics.",
      "What is there is left as it is, so it may run any number of times."
    })
final class SetupCommand implements Callable<Integer> {
  private static final Duration REPEAT = Duration.ofSeconds(30);

  @Spec private CommandSpec spec;
  @Mixin private SettingsOptions options;

  @Option(names = "--files-only", description = "Make files only; ask neither Kafka nor the store.")
  private boolean filesOnly;

  @Option(
      names = "--s3-server-env",
      paramLabel = "FILE",
      description = "Write the store's credentials as a MinIO server's settings, too.")
  private Path serverEnvironment;

  @Override
  public Integer call() {
    Settings settings = options.read();
    String hostname = Core.hostname(settings);
    new SetupFiles(settings, hostname, new SecureRandom(), InstantSource.system(), this::say)
        .make(serverEnvironment);
    if (filesOnly) {
      say("files are there");
      return 0;
    }
    Prerequisites needed = new Prerequisites(settings, new Waiting(REPEAT));
    needed.makeBucket();
    needed.makeTopics();
    say("files, bucket and topics are there");
    return 0;
  }

  private void say(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }
}
