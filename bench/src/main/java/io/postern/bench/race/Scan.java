package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What a client finds in a mailbox with very many messages: both, pair by pair. */
public final class Scan {
  private static final int MAILBOX = 0;
  private static final String SIZE = "1k";
  private static final int ORIGINALS = 200;
  private static final int CONNECTIONS = 8;
  private static final int WARM_LOGINS = 5;
  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

  private final Race.Settings settings;
  private final int messages;
  private final boolean coldAlone;
  private final PrintWriter progress;

  /**
   * @param settings whose work and scale are not used
   * @param messages in the mailbox, one at least
   * @param coldAlone leaves out all but the first logins after a start, which takes seconds for
   *     each pair instead of minutes
   */
  public Scan(Race.Settings settings, int messages, boolean coldAlone, PrintWriter progress) {
    this.settings = settings;
    this.messages = messages;
    this.coldAlone = coldAlone;
    this.progress = progress;
  }

  /**
   * Runs it: minutes for each pair, most of them for the peer's TOP.
   *
   * @throws RaceException where something is missing, or mail was lost
   */
  public Report run() {
    if (settings.running().isPresent()) {
      throw new RaceException("a scan needs a Postern of its own: it fills its store");
    }
    try (WorkDirectory work = WorkDirectory.create()) {
      LoadProgram load = LoadProgram.compile(settings.shared(), work.path());
      Path launcher = settings.root().resolve("postern");
      Path data = work.path().resolve("data");
      List<ScanFigure.Pair> pairs =
          Stream.generate(ScanFigure.Pair::empty).limit(settings.pairs()).toList();
      try (Peer peer = Peer.start(settings.shared());
          PosternProcess postern = PosternProcess.start(launcher, data, Map.of())) {
        WarmUp.run(load, postern, settings.warmUpMessages(), progress);
        send(load, peer);
        send(load, postern);
        StoredCopies theirs =
            StoredCopies.ofMaildir(peer.maildir(MAILBOX), work.path().resolve("peer-mail"));
        StoredCopies ours =
            StoredCopies.ofPostern(
                data.resolve("objects"), mailboxId(data), work.path().resolve("postern-mail"));
        load.drain(peer, 1);
        load.drain(postern, 1);
        if (!coldAlone) {
          for (int round = 0; round <= settings.pairs(); round++) {
            ScanFigure.Pair warm =
                pair(round, () -> warm(load, postern, ours), () -> warm(load, peer, theirs));
            if (round > 0) {
              pairs.get(round - 1).add(warm);
            }
          }
        }
        // What a client has seen once is what it comes back to.
        fill(load, postern, ours);
        fill(load, peer, theirs);
      }
      boolean dropped = false;
      for (int round = 1; round <= settings.pairs(); round++) {
        dropped = Files.isWritable(DROP_CACHES);
        ScanFigure.Pair cold =
            pair(
                round,
                () -> cold(load, () -> PosternProcess.startAgain(launcher, data, Map.of())),
                () -> cold(load, () -> Peer.startAgain(settings.shared())));
        pairs.get(round - 1).add(cold);
      }
      return report(pairs, dropped, work);
    }
  }

  private void send(LoadProgram load, Contender contender) {
    Work work = new Work("scan", "", SIZE, CONNECTIONS, 1, Math.min(messages, ORIGINALS), Map.of());
    load.run(contender, work, List.of("--no-fetch", "--no-delete", "--no-verify"));
  }

  private static String mailboxId(Path data) {
    String address = "u" + MAILBOX + "@" + Mailboxes.DOMAIN;
    return Mailboxes.all(data).stream()
        .filter(mailbox -> mailbox.address().equals(address))
        .findFirst()
        .orElseThrow()
        .id();
  }

  private ScanFigure.Pair pair(
      int round,
      Supplier<Map<ScanFigure, Double>> postern,
      Supplier<Map<ScanFigure, Double>> peer) {
    // Whoever comes second finds the machine as the first has left it: they take turns.
    if (round % 2 == 0) {
      Map<ScanFigure, Double> ours = tell(round, "Postern", postern.get());
      return new ScanFigure.Pair(ours, tell(round, "peer", peer.get()));
    }
    Map<ScanFigure, Double> theirs = tell(round, "peer", peer.get());
    return new ScanFigure.Pair(tell(round, "Postern", postern.get()), theirs);
  }

  /** Fills the mailbox, looks at all of it and empties it. */
  private Map<ScanFigure, Double> warm(LoadProgram load, Contender contender, StoredCopies copies) {
    fill(load, contender, copies);
    Map<ScanFigure, Double> figures = new EnumMap<>(ScanFigure.class);
    add(figures, load.logins(contender, MAILBOX, WARM_LOGINS), ScanFigure.WARM);
    JsonNode scan = load.scan(contender, MAILBOX);
    require(contender, "found", scan.at("/rounds/0/messages").asInt());
    require(contender, "listed", scan.at("/rounds/0/list_lines").asInt());
    require(contender, "identified", scan.at("/rounds/0/uidl_lines").asInt());
    require(contender, "showed the top of", scan.at("/rounds/0/top_n").asInt());
    add(figures, scan, ScanFigure.LIST, ScanFigure.UIDL, ScanFigure.TOP);
    JsonNode drain = load.drain(contender, 1);
    require(contender, "deleted", drain.at("/deleted").asInt());
    add(figures, drain, ScanFigure.DELETION);
    contender.awaitQuiet();
    return figures;
  }

  /** Fills the mailbox; the first login, which reads what is new, is in no figure. */
  private void fill(LoadProgram load, Contender contender, StoredCopies copies) {
    copies.fill(messages);
    load.logins(contender, MAILBOX, 1);
  }

  /** The first login to a server that was just started. */
  private static Map<ScanFigure, Double> cold(LoadProgram load, Supplier<Contender> start) {
    dropCaches();
    try (Contender contender = start.get()) {
      Map<ScanFigure, Double> figures = new EnumMap<>(ScanFigure.class);
      add(figures, load.logins(contender, MAILBOX, 1), ScanFigure.COLD);
      return figures;
    }
  }

  private static void dropCaches() {
    Programs.sync();
    if (Files.isWritable(DROP_CACHES)) {
      try {
        Files.writeString(DROP_CACHES, "3\n");
      } catch (IOException e) {
        throw new RaceException("cannot drop the page cache: " + e.getMessage(), e);
      }
    }
  }

  private static void add(Map<ScanFigure, Double> figures, JsonNode run, ScanFigure... readOff) {
    for (ScanFigure figure : readOff) {
      figures.put(figure, figure.of(run));
    }
  }

  private void require(Contender contender, String what, int count) {
    if (count != messages) {
      throw new RaceException(
          "%s %s %d of %d messages".formatted(contender.name(), what, count, messages));
    }
  }

  private Map<ScanFigure, Double> tell(int round, String name, Map<ScanFigure, Double> figures) {
    List<String> parts = new ArrayList<>();
    figures.forEach((figure, value) -> parts.add(figure.said(value)));
    progress.printf("%s %-7s %s%n", Race.roundName(round), name, String.join("  ", parts));
    progress.flush();
    return figures;
  }

  private Report report(List<ScanFigure.Pair> pairs, boolean dropped, WorkDirectory work) {
    StringBuilder text =
        new StringBuilder(
            "| %d messages | Postern | peer | ratio | target |%n".formatted(messages));
    text.append("| --- | --- | --- | --- | --- |\n");
    boolean met = true;
    for (ScanFigure figure : pairs.get(0).ours().keySet()) {
      text.append(figure.row(pairs));
      met &= figure.met(pairs);
    }
    text.append(
        "%n- One mailbox, messages of 1 KB: %d sent by SMTP, the rest copies of the stored files under new names.%n"
            .formatted(Math.min(messages, ORIGINALS)));
    text.append(
        "- Login to STAT: with connecting and TLS. Cold: the first login after the server was started anew, %s.%n"
            .formatted(
                dropped
                    ? "without page cache"
                    : "with the page cache, which could not be dropped"));
    if (!coldAlone) {
      text.append(
          "- Warm: median of %d. One command at a time; deletion: from connecting to the answer to QUIT, with a DELE for each message.%n"
              .formatted(WARM_LOGINS));
    }
    text.append(
        "- Medians of %d pairs%s, with minimum and maximum. %s%n"
            .formatted(
                settings.pairs(),
                coldAlone ? "" : " after one that is not counted (but of the cold logins)",
                WarmUp.note(settings.warmUpMessages())));
    text.append("- %s.%n".formatted(Machine.describe(work.path())));
    return new Report(text.toString(), met);
  }
}
