package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How long messages wait at half of what the peer can take: both, pair by pair. */
public final class Latency {
  private static final String TOP_WORK = "4k-32";
  private static final int TOP_RUNS = 3;
  private static final int CONNECTIONS = 32;

  /** Each look is a login: with many mailboxes a round of looks takes longer than the answer. */
  private static final int POLLED_MAILBOXES = 2;

  private static final int POLL_MS = 5;

  /** Of one run at a rate. */
  private static final int SECONDS = 10;

  private final Race.Settings settings;
  private final PrintWriter progress;

  /**
   * @param settings whose work is not used; the scale goes for the length of a run
   */
  public Latency(Race.Settings settings, PrintWriter progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs it: minutes.
   *
   * @throws RaceException where something is missing, or mail was lost or changed
   */
  public Report run() {
    try (WorkDirectory work = WorkDirectory.create()) {
      LoadProgram load = LoadProgram.compile(settings.shared(), work.path());
      try (Contender peer = Peer.start(settings.shared());
          Contender postern = settings.postern(work.path(), progress)) {
        WarmUp.run(load, postern, settings.warmUpMessages(), progress);
        double top = topRate(load, peer);
        Paced paced = new Paced(load, top / 2);
        List<LatencyFigure.Pair> pairs = new ArrayList<>();
        for (int round = 0; round <= settings.pairs(); round++) {
          LatencyFigure.Pair pair = pair(paced, postern, peer, round);
          if (round > 0) {
            pairs.add(pair);
          }
        }
        return report(pairs, top, work);
      }
    }
  }

  /** Messages per second that the peer takes when it is offered as many as it can take. */
  private double topRate(LoadProgram load, Contender peer) {
    Work work = Work.named(TOP_WORK).scaled(settings.scale());
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < TOP_RUNS; i++) {
      rates.add(Figure.ACCEPTED.of(load.run(peer, work)));
      progress.printf("the peer takes %s /s at most%n", Figure.format(rates.get(i)));
      progress.flush();
    }
    return Spread.of(rates).median();
  }

  private LatencyFigure.Pair pair(Paced paced, Contender postern, Contender peer, int round) {
    // Whoever comes second finds the machine as the first has left it: they take turns.
    if (round % 2 == 0) {
      JsonNode ours = paced.run(postern, round);
      JsonNode theirs = paced.run(peer, round);
      JsonNode oursPolled = paced.polled(postern, round);
      return new LatencyFigure.Pair(ours, theirs, oursPolled, paced.polled(peer, round));
    }
    JsonNode theirs = paced.run(peer, round);
    JsonNode ours = paced.run(postern, round);
    JsonNode theirsPolled = paced.polled(peer, round);
    return new LatencyFigure.Pair(ours, theirs, paced.polled(postern, round), theirsPolled);
  }

  private Report report(List<LatencyFigure.Pair> pairs, double top, WorkDirectory work) {
    StringBuilder text = new StringBuilder("| 4 KB | Postern | peer | ratio | target |\n");
    text.append("| --- | --- | --- | --- | --- |\n");
    boolean met = true;
    for (LatencyFigure figure : LatencyFigure.values()) {
      text.append(figure.row(pairs));
      met &= figure.met(pairs);
    }
    text.append(
        "%n- %s messages a second to both, half of the %s that the peer took over %d connections before (median of %d runs).%n"
            .formatted(Figure.format(top / 2), Figure.format(top), CONNECTIONS, TOP_RUNS));
    text.append(
        "- Sent to visible in runs of their own, in which %d mailboxes are looked at every %d ms: such a look is a login.%n"
            .formatted(POLLED_MAILBOXES, POLL_MS));
    text.append(
        "- Medians of %d pairs after one that is not counted, with minimum and maximum. %s%n"
            .formatted(settings.pairs(), WarmUp.note(settings.warmUpMessages())));
    text.append("- %s.%n".formatted(Machine.describe(work.path())));
    return new Report(text.toString(), met);
  }

  /** Runs at one rate. */
  private final class Paced {
    private final LoadProgram load;
    private final double rate;

    Paced(LoadProgram load, double rate) {
      this.load = load;
      this.rate = rate;
    }

    JsonNode run(Contender contender, int round) {
      JsonNode run = load.run(contender, work(Work.MAX_MAILBOXES), rate());
      tell(contender, round, LatencyFigure.REPLY_P50, LatencyFigure.REPLY_P99, run);
      return run;
    }

    JsonNode polled(Contender contender, int round) {
      List<String> options = new ArrayList<>(rate());
      options.addAll(List.of("--poll", "during", "--poll-ms", Integer.toString(POLL_MS)));
      JsonNode run = load.run(contender, work(POLLED_MAILBOXES), options);
      tell(contender, round, LatencyFigure.VISIBLE_P50, LatencyFigure.VISIBLE_P99, run);
      return run;
    }

    private List<String> rate() {
      return List.of("--rate", Double.toString(rate));
    }

    private Work work(int mailboxes) {
      int messages = (int) Math.ceil(rate * SECONDS * settings.scale());
      return new Work("latency", "", "4k", CONNECTIONS, mailboxes, messages, Map.of());
    }

    private void tell(
        Contender contender, int round, LatencyFigure p50, LatencyFigure p99, JsonNode run) {
      progress.printf(
          "%s %-7s %s %s  %s %s  others %2.0f %%%n",
          Race.roundName(round),
          contender.name(),
          p50.title(),
          Figure.format(p50.of(run)),
          p99.title(),
          Figure.format(p99.of(run)),
          100 * Race.others(run));
      progress.flush();
    }
  }
}
