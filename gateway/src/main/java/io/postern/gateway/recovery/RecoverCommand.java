package io.postern.gateway.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.postern.mailbox.DirectoryRecovery;
import io.postern.mailbox.DirectoryRecovery.Entry;
import io.postern.mailbox.DirectoryRecovery.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern recover}: builds anew what Kafka has lost. */
@Command(
    header = "Builds anew what Kafka has lost.",
    description = "Builds anew what Kafka has lost.",
    synopsisSubcommandLabel = "COMMAND")
public final class RecoverCommand {
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Shown(
      @JsonProperty String id,
      @JsonProperty String address,
      @JsonProperty String outcome,
      @JsonProperty String text) {
    static Shown of(Entry entry) {
      String text = entry.text().isEmpty() ? null : entry.text();
      return new Shown(entry.id(), entry.address(), key(entry.outcome()), text);
    }

    String line() {
      return "%-13s  %s%s%s"
          .formatted(
              outcome.replace('_', ' '),
              id,
              address == null ? "" : "  " + address,
              text == null ? "" : ": " + text);
    }
  }

  @Command(
      header = "Kafka was lost, the object store is intact: makes the mailboxes known again.",
      description = {
        "Reads every mailbox's record and sealed identity in the object store and writes those that"
            + " the topic mailboxes does not know, all in one transaction. Passwords stay as they are;"
            + " mail need not be touched. Until then senders are asked to try again.",
        "Exit code 1 where a mailbox could not be recovered."
      })
  int directory(
      @Mixin RecoveryOptions options,
      @Option(names = "--dry-run", description = "Change nothing, say what would be done.")
          boolean dryRun)
      throws Exception {
    return options.visit(
        (site, directory) -> {
          Report report = new Report(options, "mailboxes");
          Map<Outcome, Long> count = new EnumMap<>(Outcome.class);
          Parts parts = options.parts(site, directory);
          try (Progress.Stretch stretch = options.progress().begin("mailboxes", -1)) {
            new DirectoryRecovery(parts.store(), directory, parts.mailboxes())
                .run(
                    dryRun,
                    entry -> {
                      stretch.step(1);
                      count.merge(entry.outcome(), 1L, Long::sum);
                      if (entry.outcome() != Outcome.KNOWN) {
                        Shown shown = Shown.of(entry);
                        report.item(shown.line(), shown);
                      }
                    });
          }
          report.summary(lines(count, dryRun), fields(count, dryRun));
          boolean all =
              !count.containsKey(Outcome.INCOMPLETE) && !count.containsKey(Outcome.ADDRESS_TAKEN);
          return all ? 0 : 1;
        });
  }

  private static List<String> lines(Map<Outcome, Long> count, boolean dryRun) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d mailboxes %srecovered, %d were known"
            .formatted(
                count.getOrDefault(Outcome.RECOVERED, 0L),
                dryRun ? "would be " : "",
                count.getOrDefault(Outcome.KNOWN, 0L)));
    long left =
        count.getOrDefault(Outcome.INCOMPLETE, 0L) + count.getOrDefault(Outcome.ADDRESS_TAKEN, 0L);
    if (left > 0) {
      lines.add(left + " left out");
    }
    return lines;
  }

  private static Map<String, Object> fields(Map<Outcome, Long> count, boolean dryRun) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("dryRun", dryRun);
    for (Outcome outcome : Outcome.values()) {
      fields.put(key(outcome), count.getOrDefault(outcome, 0L));
    }
    return fields;
  }

  private static String key(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}
