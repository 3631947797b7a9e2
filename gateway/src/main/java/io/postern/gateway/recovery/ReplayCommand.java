package io.postern.gateway.recovery;

import io.postern.gateway.CommandFailure;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.QueuedOutbox;
import io.postern.pipeline.RawReplay;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.SealedRawTopic;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern replay}: does once more what the workers did. */
@Command(
    header = "Puts mail back that was lost behind Kafka.",
    description = "Does once more what the workers did with what the topics still hold.",
    synopsisSubcommandLabel = "COMMAND")
public final class ReplayCommand {
  private static final Duration LEDGER_PATIENCE = Duration.ofSeconds(30);

  /** Which messages, and whether in earnest. */
  static final class Selection {
    @Option(
        names = "--since",
        paramLabel = "TIME",
        converter = Moment.class,
        description = "Only messages that came then or later: " + Moment.FORMS + ".")
    private Instant since = Instant.EPOCH;

    @Option(
        names = "--until",
        paramLabel = "TIME",
        converter = Moment.class,
        description = "Only messages that came before.")
    private Instant until = Instant.MAX;

    @Option(
        names = "--mailbox",
        paramLabel = "ADDRESS",
        description = "Only this mailbox's copies.")
    private String mailbox;

    @Option(names = "--dry-run", description = "Change nothing, say what would be done.")
    private boolean dryRun;

    Window window(RecoveryOptions options) {
      if (!since.isBefore(until)) {
        throw options.misuse("--since must lie before --until");
      }
      return new Window(since, until);
    }

    Optional<Mailbox> mailbox(KafkaDirectory directory) {
      return mailbox == null
          ? Optional.empty()
          : Optional.of(
              directory
                  .byLogin(mailbox)
                  .orElseThrow(() -> new CommandFailure("there is no mailbox " + mailbox)));
    }

    boolean dryRun() {
      return dryRun;
    }
  }

  @Command(
      header = "The object store was lost or damaged: writes again what is missing.",
      description = {
        "Goes through the topic sealed and writes every message that should be in the object store"
            + " and is not, or is there with a wrong size; and the mailboxes' own objects. Leaves"
            + " alone what is there, what its owner has deleted, and what waits for a worker. May run"
            + " beside everything else, and again.",
        "Compares in 80 octets of memory a copy, in a quarter of the heap at most."
      })
  int sealed(@Mixin RecoveryOptions options, @Mixin Selection selection) throws Exception {
    Window window = selection.window(options);
    return options.visit(
        (site, directory) -> {
          Optional<Mailbox> mailbox = selection.mailbox(directory);
          Report report = new Report(options, "copies");
          try (KafkaLedger ledger = new KafkaLedger(site.kafka(), site.topics(), LEDGER_PATIENCE)) {
            Restoration restoration =
                new Restoration(
                    options.parts(site, directory),
                    ledger,
                    options.progress(),
                    InstantSource.system(),
                    finding -> {
                      // A whole bucket is millions of lines; a dry run is asked for them.
                      if (finding.amiss() || selection.dryRun()) {
                        report.item(finding.line(), finding);
                      }
                    });
            Restoration.Result result =
                restoration.run(
                    window,
                    mailbox,
                    selection.dryRun() ? Restoration.Mode.DRY_RUN : Restoration.Mode.WRITE);
            report.summary(lines(result, selection.dryRun()), fields(result, selection.dryRun()));
            return result.refused() == 0 ? 0 : 1;
          }
        });
  }

  @Command(
      header = "Messages were lost between the workers: sends once more what raw still holds.",
      description = {
        "Sends every message that still lies in the topic raw, that the crypto-workers have passed, and"
            + " of which a copy is neither stored, nor deleted, nor under way, nor dead. What is stored"
            + " is truncated from raw within seconds, so this is for what went wrong just now. Needs no"
            + " key; may run beside everything else: the workers recognise what is stored or deleted."
      })
  int raw(
      @Mixin RecoveryOptions options,
      @Mixin Selection selection,
      @Option(
              names = "--skip-sealed",
              description =
                  "A bad release has sealed wrongly: also send what waits in the topic sealed, and"
                      + " let the store-workers, which must all be stopped, pass over that.")
          boolean skipSealed)
      throws Exception {
    Window window = selection.window(options);
    return options.visit(
        (site, directory) -> {
          Parts parts = options.parts(site, directory);
          Report report = new Report(options, "messages");
          try (QueuedOutbox outbox = SealedRawTopic.outbox(site.kafka(), RawSettings.DEFAULT)) {
            Resending resending =
                new Resending(
                    parts,
                    new RawReplay(
                        site.kafka().clients(),
                        site.topics(),
                        outbox,
                        InstantSource.system(),
                        new SecureRandom()),
                    options.progress(),
                    (id, octets) ->
                        report.item(
                            "%s, %,d sealed octets".formatted(id, octets),
                            Map.of("message", id, "octets", octets)));
            Resending.Result result =
                resending.run(window, selection.mailbox(directory), skipSealed, selection.dryRun());
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("dryRun", selection.dryRun());
            fields.put("found", result.found());
            fields.put("sent", result.sent());
            report.summary(
                List.of(
                    "%,d messages found, %,d sent once more"
                        .formatted(result.found(), result.sent())),
                fields);
            return selection.dryRun() || result.sent() == result.found() ? 0 : 1;
          }
        });
  }

  private static List<String> lines(Restoration.Result result, boolean dryRun) {
    String would = dryRun ? "would be " : "";
    return List.of(
        "%,d messages, %,d octets, %sput back".formatted(result.messages(), result.octets(), would),
        "%,d mailboxes' own objects %swritten again".formatted(result.mailboxes(), would),
        "%,d refused by the store, %,d deleted meanwhile"
            .formatted(result.refused(), result.takenBack()));
  }

  private static Map<String, Object> fields(Restoration.Result result, boolean dryRun) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("dryRun", dryRun);
    fields.put("messages", result.messages());
    fields.put("octets", result.octets());
    fields.put("mailboxes", result.mailboxes());
    fields.put("refused", result.refused());
    fields.put("deletedMeanwhile", result.takenBack());
    return fields;
  }
}
