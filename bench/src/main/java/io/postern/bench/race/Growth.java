package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mailbox.Mailbox;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a message costs while the store grows, and over more and more mailboxes. */
public final class Growth {
  private static final int MADE_AT_ONCE = 100;
  private static final int LEAST_STORED = 1000;
  private static final int CONNECTIONS = 32;
  private static final int RUN_MESSAGES = 2000;

  private final Race.Settings settings;
  private final long messages;
  private final int mailboxes;
  private final PrintWriter progress;

  /**
   * @param settings whose work is not used; the pairs go for runs at each point
   * @param messages in the store at the last point
   * @param mailboxes at the last point, more than the store's growth is measured on: 33 at least
   */
  public Growth(Race.Settings settings, long messages, int mailboxes, PrintWriter progress) {
    this.settings = settings;
    this.messages = messages;
    this.mailboxes = mailboxes;
    this.progress = progress;
  }

  /**
   * Runs it: about a minute for each point, and the filling.
   *
   * @param plots where the figures and the plots of CPU time go: {@code performance-messages} and
   *     {@code performance-mailboxes}, each as CSV and as PNG
   */
  public Report run(Path plots) throws IOException {
    if (settings.running().isPresent()) {
      throw new RaceException("growth is measured on a Postern of its own: its store is filled");
    }
    try (WorkDirectory work = WorkDirectory.create()) {
      LoadProgram load = LoadProgram.compile(settings.shared(), work.path());
      Path data = work.path().resolve("data");
      try (PosternProcess postern =
          PosternProcess.start(settings.root().resolve("postern"), data, Map.of())) {
        WarmUp.run(load, postern, settings.warmUpMessages(), progress);
        GrowthCurve mailboxes = overMailboxes(load, postern, data);
        GrowthCurve stored = overMessages(load, postern, data);
        stored.write(plots, "performance-messages");
        mailboxes.write(plots, "performance-mailboxes");
        return new Report(stored.table() + "\n" + mailboxes.table() + "\n" + notes(work), true);
      }
    }
  }

  /**
   * From sent to stored. With few messages in each of many mailboxes most of what a client costs is
   * logging in, which is another measurement.
   */
  private GrowthCurve overMailboxes(LoadProgram load, PosternProcess postern, Path data) {
    GrowthCurve curve = new GrowthCurve("mailboxes", "stored");
    StoredMail stored = new StoredMail(data.resolve("objects"));
    int made = Work.MAX_MAILBOXES;
    for (long point : points(1, mailboxes)) {
      int count = (int) point;
      // Each is a transaction: a thousand take minutes, so that they are counted aloud.
      while (made < count) {
        int next = Math.min(count, made + MADE_AT_ONCE);
        Mailboxes.make(data, made, next);
        made = next;
        tell("made %d mailboxes".formatted(made));
      }
      Work work = work(count);
      List<GrowthCurve.Run> runs = new ArrayList<>();
      for (int i = 0; i < settings.pairs(); i++) {
        runs.add(sentToStored(load, postern, stored, work));
        load.drain(postern, count);
      }
      tell(curve.add(count, runs));
    }
    return curve;
  }

  private static GrowthCurve.Run sentToStored(
      LoadProgram load, PosternProcess postern, StoredMail stored, Work work) {
    long all = stored.count() + work.messages();
    load.settle();
    Duration cpuBefore = postern.cpuTime();
    long start = System.nanoTime();
    JsonNode run = load.runSettled(new SmtpOnly(postern), work, List.of());
    stored.awaitCount(all);
    double seconds = (System.nanoTime() - start) / 1e9;
    Duration cpu = postern.cpuTime().minus(cpuBefore);
    return new GrowthCurve.Run(
        Figure.ACCEPTED.of(run), work.messages() / seconds, cpu.toNanos() / 1e6 / work.messages());
  }

  private GrowthCurve overMessages(LoadProgram load, PosternProcess postern, Path data) {
    List<Mailbox> others =
        Mailboxes.all(data).stream().filter(mailbox -> !isMeasured(mailbox)).toList();
    Filler filler = new Filler(data.resolve("objects"), others);
    GrowthCurve curve = new GrowthCurve("messages in the store", "available");
    for (long stored : points(LEAST_STORED, messages)) {
      long start = System.nanoTime();
      long before = filler.written();
      filler.fillTo(stored);
      tell(
          "filled the store from %d to %d messages in %.1f s"
              .formatted(before, stored, (System.nanoTime() - start) / 1e9));
      List<GrowthCurve.Run> runs = new ArrayList<>();
      for (int i = 0; i < settings.pairs(); i++) {
        runs.add(wholeWay(load, postern, work(Work.MAX_MAILBOXES)));
      }
      tell(curve.add(stored, runs));
    }
    return curve;
  }

  /** Times ten each, and what is wanted at the end. */
  private static List<Long> points(long first, long last) {
    List<Long> points = new ArrayList<>();
    for (long point = first; point < last; point *= 10) {
      points.add(point);
    }
    points.add(last);
    return points;
  }

  /** The whole way, fetched, verified and deleted. */
  private static GrowthCurve.Run wholeWay(LoadProgram load, PosternProcess postern, Work work) {
    JsonNode run = load.run(postern, work);
    return new GrowthCurve.Run(
        Figure.ACCEPTED.of(run), Figure.AVAILABLE.of(run), Figure.CPU.of(run));
  }

  private Work work(int mailboxes) {
    return new Work("growth", "", "4k", CONNECTIONS, mailboxes, runMessages(), Map.of());
  }

  private int runMessages() {
    return (int) Math.max(1, Math.round(RUN_MESSAGES * settings.scale()));
  }

  private void tell(String line) {
    progress.println(line);
    progress.flush();
  }

  private static boolean isMeasured(Mailbox mailbox) {
    String name = mailbox.address().substring(0, mailbox.address().indexOf('@'));
    return Integer.parseInt(name.substring(1)) < Work.MAX_MAILBOXES;
  }

  private String notes(WorkDirectory work) {
    return """
        - CPU over the messages in the store is of the whole way, fetched and deleted; over mailboxes from sent to stored.
        - Each point: medians of %d runs of %d messages of 4 KB over %d connections, with minimum and maximum, everything deleted after each run.
        - The store is filled past the pipeline with small sealed messages in %d mailboxes beside the %d that are measured.
        - %s
        - %s.
        """
        .formatted(
            settings.pairs(),
            runMessages(),
            CONNECTIONS,
            mailboxes - Work.MAX_MAILBOXES,
            Work.MAX_MAILBOXES,
            WarmUp.note(settings.warmUpMessages()),
            Machine.describe(work.path()));
  }
}
