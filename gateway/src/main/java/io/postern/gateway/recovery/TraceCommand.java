package io.postern.gateway.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.postern.gateway.CommandFailure;
import io.postern.gateway.Site;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.maildrop.Layout;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CopyTable;
import io.postern.pipeline.CopyTable.Sign;
import io.postern.pipeline.Fact;
import io.postern.pipeline.LedgerView;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.work.DeadTopic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern trace}: one message's life. */
@Command(
    header = "Tells one message's life.",
    description = {
      "Tells one message's life: what the ledger says of it, its dead letters, and where its copies"
          + " are now. The id is what the sender saw in the 250 and what POP3 shows as UIDL.",
      "Exit code 1 where the message is not known or something is amiss."
    })
public final class TraceCommand implements Callable<Integer> {
  /** Facts of one message that are held and shown: a mailbox may be fetched every minute. */
  private static final int MAX_FACTS = 10_000;

  private static final int TABLE_LIMIT = 100_000;

  @Mixin private RecoveryOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MESSAGE-ID")
  private String messageId;

  /** Something that happened. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Event(
      @JsonProperty Instant at,
      @JsonProperty String what,
      @JsonProperty String mailbox,
      @JsonProperty String address,
      @JsonProperty String detail) {
    String line() {
      String whose = address == null ? mailbox : address;
      return "%-24s  %-9s%s%s"
          .formatted(
              at,
              what,
              whose == null ? "" : "  " + whose,
              detail == null ? "" : "  (" + detail + ")");
    }
  }

  /** Where a copy is now. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Copy(
      @JsonProperty String mailbox,
      @JsonProperty String address,
      @JsonProperty String state,
      @JsonProperty boolean amiss,
      @JsonProperty String text,
      @JsonProperty List<String> objects) {}

  @Override
  public Integer call() throws Exception {
    String id = messageId.toLowerCase(Locale.ROOT);
    if (!Ulids.isUlid(id)) {
      throw new ParameterException(
          spec.commandLine(), messageId + " is not a message's id: 26 letters and digits");
    }
    return options.visit((site, directory) -> trace(site, directory, id));
  }

  private int trace(Site site, KafkaDirectory directory, String id) throws StoreException {
    List<Event> events = events(site, directory, id);
    List<Copy> copies = copies(site, directory, id);
    if (events.isEmpty() && copies.isEmpty()) {
      throw new CommandFailure("nothing is known of a message " + id);
    }
    if (options.json()) {
      Map<String, Object> life = new LinkedHashMap<>();
      life.put("id", id);
      life.put("events", events);
      life.put("copies", copies);
      options.printJson(life);
    } else {
      options.print("message " + id + ", begun " + Ulids.time(id));
      events.forEach(event -> options.print(event.line()));
      copies.forEach(
          copy -> {
            String whose = copy.address() == null ? copy.mailbox() : copy.address();
            options.print(
                "now: "
                    + copy.state().replace('_', ' ')
                    + (whose == null ? "" : ", " + whose)
                    + ": "
                    + copy.text());
            copy.objects().forEach(object -> options.print("     " + object));
          });
    }
    return copies.stream().anyMatch(Copy::amiss) ? 1 : 0;
  }

  private List<Event> events(Site site, KafkaDirectory directory, String id) {
    List<Event> events = new ArrayList<>();
    Instant since = Ulids.time(id).minus(Survey.CLOCK_SLACK);
    try (LedgerView ledger = new LedgerView(site.kafka().clients(), site.topics(), since);
        Progress.Stretch stretch = options.progress().begin("ledger", ledger.behind())) {
      ledger.catchUp(
          fact -> {
            stretch.step(1);
            if (fact.messageId().equals(id) && events.size() < MAX_FACTS) {
              events.add(event(fact, directory));
            }
          });
    }
    new DeadTopic(site.kafka().clients(), site.topics())
        .read(
            letter -> {
              if (letter.messageId().equals(id)) {
                events.add(
                    new Event(
                        letter.at(),
                        "letter " + letter.number(),
                        null,
                        null,
                        letter.category() + ": " + letter.text()));
              }
            });
    events.sort(Comparator.comparing(Event::at));
    return events;
  }

  private static Event event(Fact fact, KafkaDirectory directory) {
    String detail =
        switch (fact.kind()) {
          case ACCEPTED, STORED -> octets(fact.detail());
          case SEALED, FETCHED, DELETED, DEAD -> fact.detail();
        };
    return new Event(
        fact.at(),
        fact.kind().name().toLowerCase(Locale.ROOT),
        fact.mailboxId(),
        address(directory, fact.mailboxId()),
        detail);
  }

  private static String octets(String detail) {
    boolean number = detail != null && detail.chars().allMatch(c -> c >= '0' && c <= '9');
    return number ? detail + " octets" : detail;
  }

  private List<Copy> copies(Site site, KafkaDirectory directory, String id) throws StoreException {
    Map<String, List<String>> objects = new LinkedHashMap<>();
    Survey survey =
        new Survey(
            options.parts(site, directory),
            new Survey.Scope(id::equals, null, Ulids.time(id), false),
            options.progress(),
            new CopyTable(TABLE_LIMIT));
    List<String> prefixes =
        directory.all().stream().map(mailbox -> Layout.mail(mailbox.id()) + id).toList();
    for (String prefix : prefixes) {
      List<String> found =
          site.store().list(prefix, "", 10).stream().map(ObjectStore.Entry::key).toList();
      objects.put(prefix, found);
    }
    CopyTable table = survey.gather(prefixes, other -> {});
    List<Copy> copies = new ArrayList<>();
    boolean messageDead = table.has(id, null, Sign.DEAD);
    table.forEach(
        copy -> {
          String mailboxId = copy.mailboxId();
          if (mailboxId == null) {
            return;
          }
          Verdict verdict =
              directory.byId(mailboxId).isPresent() ? Verdict.of(copy, messageDead) : Verdict.GONE;
          copies.add(
              new Copy(
                  mailboxId,
                  address(directory, mailboxId),
                  verdict.key(),
                  verdict.isAmiss(),
                  verdict.text(),
                  objects.getOrDefault(Layout.mail(mailboxId) + id, List.of())));
        });
    if (copies.isEmpty() && messageDead) {
      copies.add(new Copy(null, null, Verdict.DEAD.key(), false, Verdict.DEAD.text(), List.of()));
    }
    return copies;
  }

  private static String address(KafkaDirectory directory, String mailboxId) {
    return mailboxId == null ? null : directory.byId(mailboxId).map(Mailbox::address).orElse(null);
  }
}
