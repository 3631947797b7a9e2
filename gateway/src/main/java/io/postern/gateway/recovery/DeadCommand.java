package io.postern.gateway.recovery;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.postern.gateway.CommandFailure;
import io.postern.gateway.Site;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.KafkaOutbox;
import io.postern.pipeline.work.DeadReason;
import io.postern.pipeline.work.DeadSettlement;
import io.postern.pipeline.work.DeadTopic;
import io.postern.pipeline.work.DeadTopic.Letter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code postern dead}: what could not be processed. */
@Command(
    header = "Shows what could not be processed, sends it once more, or gives it up.",
    description = {
      "Dead letters are messages that a worker could not process for a reason that does not pass by"
          + " itself. Nothing of them is lost: they lie in a topic, sealed, for 30 days.",
      "A letter is named by its number, or by its message's id."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class DeadCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Letters that are settled together: what is known of them is held. */
  private static final int BATCH = 5000;

  /** Which letters. */
  static final class Choice {
    @Parameters(paramLabel = "ID", arity = "0..*", description = "Numbers or message ids.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "Every letter.")
    private boolean all;

    @Option(
        names = "--category",
        paramLabel = "CATEGORY",
        description =
            "Only letters of this kind: malformed, transit_key, damaged, no_mailbox, refused,"
                + " internal.")
    private DeadReason.Category category;

    @Option(names = "--dry-run", description = "Change nothing, say what would be done.")
    private boolean dryRun;

    /** What was asked for by name and has been found. */
    private final Set<String> found = new HashSet<>();

    void require(RecoveryOptions options) {
      if (ids.isEmpty() != (all || category != null)) {
        throw options.misuse("which letters? Give ids, or else --all or --category");
      }
    }

    boolean holds(Letter letter) {
      if (category != null && !category.name().equals(letter.category())) {
        return false;
      }
      if (ids.isEmpty()) {
        return true;
      }
      List<String> names = List.of(Long.toString(letter.number()), letter.messageId());
      boolean named = false;
      for (String id : ids) {
        if (names.contains(id.toLowerCase(Locale.ROOT))) {
          found.add(id);
          named = true;
        }
      }
      return named;
    }

    List<String> unknown() {
      return ids.stream().filter(id -> !found.contains(id)).toList();
    }
  }

  /** A letter for JSON. */
  private record Shown(
      @JsonProperty long number,
      @JsonProperty String message,
      @JsonProperty String category,
      @JsonProperty String text,
      @JsonProperty List<String> mailboxes,
      @JsonProperty List<String> addresses,
      @JsonProperty String topic,
      @JsonProperty Instant at,
      @JsonProperty int records,
      @JsonProperty long octets) {
    static Shown of(Letter letter, KafkaDirectory directory) {
      return new Shown(
          letter.number(),
          letter.messageId(),
          letter.category(),
          letter.text(),
          letter.mailboxIds(),
          letter.mailboxIds().stream()
              .flatMap(id -> directory.byId(id).map(Mailbox::address).stream())
              .toList(),
          letter.topic(),
          letter.at(),
          letter.records(),
          letter.octets());
    }

    String line() {
      return "%6d  %s  %-26s  %-11s  %s"
          .formatted(number, at.toString().substring(0, 19), message, category, text);
    }
  }

  @Command(description = "Lists them, one line each, oldest first.")
  int list(@Mixin RecoveryOptions options) throws Exception {
    return options.visit(
        (site, directory) -> {
          Report report = new Report(options, "letters");
          long[] count = new long[1];
          dead(site)
              .read(
                  letter -> {
                    tell(report, letter, directory);
                    count[0]++;
                  });
          report.summary(
              List.of(count[0] == 0 ? "no dead letters" : count[0] + " dead letters"),
              Map.of("count", count[0]));
          return 0;
        });
  }

  @Command(description = "Shows letters with their cause and what can be done.")
  int show(@Mixin RecoveryOptions options, @Mixin Choice choice) throws Exception {
    choice.require(options);
    return options.visit(
        (site, directory) -> {
          Report report = new Report(options, "letters");
          dead(site)
              .read(
                  letter -> {
                    if (choice.holds(letter)) {
                      Shown shown = Shown.of(letter, directory);
                      report.item(describe(shown), shown);
                    }
                  });
          report.summary(List.of(), Map.of());
          return complain(choice);
        });
  }

  @Command(
      header = "Sends letters once more to the worker that could not process them.",
      description =
          "What caused it should be mended first. Copies that are stored or deleted already stay as"
              + " they are. May run beside everything else.")
  int replay(@Mixin RecoveryOptions options, @Mixin Choice choice) throws Exception {
    return settle(options, choice, "sent once more", DeadSettlement::replay);
  }

  @Command(
      header = "Gives letters up.",
      description =
          "They are listed no more, and their octets go when the topic is old enough, after 30 days"
              + " at the latest. The audit goes on counting their messages as dead.")
  int discard(@Mixin RecoveryOptions options, @Mixin Choice choice) throws Exception {
    return settle(options, choice, "discarded", DeadSettlement::discard);
  }

  private interface Settling {
    void settle(DeadSettlement desk, List<Letter> letters);
  }

  private static int settle(RecoveryOptions options, Choice choice, String done, Settling settling)
      throws Exception {
    choice.require(options);
    return options.visit(
        (site, directory) -> {
          Report report = new Report(options, "letters");
          long[] count = new long[1];
          try (KafkaLedger ledger = new KafkaLedger(site.kafka(), site.topics(), PATIENCE);
              KafkaOutbox outbox =
                  new KafkaOutbox(site.kafka().clients(), "dead", PATIENCE, Map.of())) {
            DeadTopic dead = dead(site);
            DeadSettlement desk =
                new DeadSettlement(
                    dead,
                    site.topics(),
                    outbox,
                    ledger,
                    InstantSource.system(),
                    new SecureRandom());
            if (choice.dryRun) {
              dead.read(
                  letter -> {
                    if (choice.holds(letter)) {
                      tell(report, letter, directory);
                      count[0]++;
                    }
                  });
            } else {
              // Whatever dies meanwhile is for another time.
              Instant begun = Instant.now();
              List<Letter> batch = batch(dead, choice, begun);
              while (!batch.isEmpty()) {
                settling.settle(desk, batch);
                batch.forEach(letter -> tell(report, letter, directory));
                count[0] += batch.size();
                batch = batch(dead, choice, begun);
              }
            }
          }
          Map<String, Object> fields = new LinkedHashMap<>();
          fields.put("dryRun", choice.dryRun);
          fields.put("count", count[0]);
          report.summary(
              List.of(count[0] + " letters " + (choice.dryRun ? "would be " : "") + done), fields);
          return complain(choice);
        });
  }

  private static void tell(Report report, Letter letter, KafkaDirectory directory) {
    Shown shown = Shown.of(letter, directory);
    report.item(shown.line(), shown);
  }

  private static List<Letter> batch(DeadTopic dead, Choice choice, Instant begun) {
    List<Letter> batch = new ArrayList<>();
    dead.read(
        letter -> {
          if (batch.size() < BATCH && !letter.at().isAfter(begun) && choice.holds(letter)) {
            batch.add(letter);
          }
        });
    return batch;
  }

  private static int complain(Choice choice) {
    List<String> unknown = choice.unknown();
    if (!unknown.isEmpty()) {
      throw new CommandFailure("no dead letter " + String.join(", ", unknown));
    }
    return 0;
  }

  private static DeadTopic dead(Site site) {
    return new DeadTopic(site.kafka().clients(), site.topics());
  }

  private static String describe(Shown letter) {
    String copies =
        letter.addresses().isEmpty()
            ? String.join(", ", letter.mailboxes())
            : String.join(", ", letter.addresses());
    return String.join(
        System.lineSeparator(),
        "letter " + letter.number(),
        "  message   " + letter.message(),
        "  died      " + letter.at(),
        "  cause     " + letter.category() + ": " + letter.text(),
        "  copies    " + copies,
        "  from      " + letter.topic(),
        "  size      " + letter.octets() + " sealed octets in " + letter.records() + " records",
        "  remedy    " + remedy(letter.category()));
  }

  private static String remedy(String category) {
    return switch (category) {
      case "TRANSIT_KEY" ->
          "give the crypto-workers the identity of that transit key, restart them, then replay";
      case "NO_MAILBOX" -> "the mailbox was deleted: discard; or recover the mailbox, then replay";
      case "DAMAGED" -> "what was sealed does not open: discard, and look for the disk that did it";
      case "REFUSED" -> "mend what the object store complains of, then replay";
      case "MALFORMED" -> "written by a newer version or by a stranger: upgrade, then replay";
      default -> "a defect of ours: upgrade, then replay";
    };
  }
}
