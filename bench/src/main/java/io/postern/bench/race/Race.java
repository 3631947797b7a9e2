package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Postern against the peer, or the way through its proxies against the way directly, pair by pair,
 * on the same machine at the same time.
 */
public final class Race {
  /** What races. */
  public enum Course {
    /** Postern against the peer. */
    PEER,
    /** The peer through the proxies against the peer directly. */
    PROXY,
    /** The same with a mail server that only takes mail, and forgets it: what a proxy can do. */
    PROXY_SINK
  }

  /**
   * How to race.
   *
   * @param root of the checkout, where the launcher stands
   * @param shared the directory that holds the load program and the peer
   * @param work names of {@link Work}; empty: all
   * @param pairs of runs that are measured, after one that is not
   * @param scale on the numbers of messages
   * @param running a Postern that runs already; empty: one is started
   * @param course what races
   * @param warmUpMessages that Postern gets before
   */
  public record Settings(
      Path root,
      Path shared,
      List<String> work,
      int pairs,
      double scale,
      Optional<RunningPostern> running,
      Course course,
      int warmUpMessages) {

    /** The Postern to measure: the one that runs, or a new one. */
    Contender postern(Path directory, PrintWriter progress) {
      if (running.isPresent()) {
        return running.get();
      }
      PosternProcess started =
          PosternProcess.start(root.resolve("postern"), directory.resolve("data"), Map.of());
      progress.printf("postern run was ready after %d ms%n", started.startTime().toMillis());
      progress.flush();
      return started;
    }
  }

  private final Settings settings;
  private final PrintWriter progress;
  private final List<Work> works;

  /**
   * @param progress a line for each run
   * @throws RaceException where a kind of work is not known
   */
  public Race(Settings settings, PrintWriter progress) {
    this.settings = settings;
    this.progress = progress;
    List<Work> named =
        settings.work().isEmpty() ? Work.ALL : settings.work().stream().map(Work::named).toList();
    this.works =
        settings.course() == Course.PEER
            ? named
            : named.stream().map(Work::withoutTargets).toList();
  }

  /**
   * Runs it: minutes.
   *
   * @return the table and what is to be said under it
   * @throws RaceException where something is missing, or mail was lost or changed
   */
  public Report run() {
    try (WorkDirectory work = WorkDirectory.create()) {
      Path directory = work.path();
      LoadProgram load = LoadProgram.compile(settings.shared(), directory);
      try (Contender direct =
              settings.course() == Course.PROXY_SINK
                  ? Sink.start()
                  : Peer.start(settings.shared());
          Contender postern = postern(directory, direct)) {
        WarmUp.run(load, postern, settings.warmUpMessages(), progress);
        Results results = run(load, postern, direct);
        Notes notes = new Notes(settings, results, directory);
        return new Report(results.table() + notes.text(load, postern), results.allMet());
      }
    }
  }

  private Contender postern(Path directory, Contender direct) {
    if (settings.course() != Course.PEER) {
      return Proxied.start(settings.root().resolve("postern"), directory.resolve("data"), direct);
    }
    return settings.postern(directory, progress);
  }

  private Results run(LoadProgram load, Contender postern, Contender peer) {
    boolean proxied = settings.course() != Course.PEER;
    Results results =
        proxied ? new Results("through the proxy", "directly") : new Results("Postern", "peer");
    for (int round = 0; round <= settings.pairs(); round++) {
      for (Work work : works) {
        // Whoever comes second finds the machine as the first has left it: they take turns.
        Results.Pair pair = pair(load, postern, peer, work.scaled(settings.scale()), round);
        if (round > 0) {
          results.add(work, pair);
        }
      }
    }
    return results;
  }

  private Results.Pair pair(
      LoadProgram load, Contender postern, Contender peer, Work work, int round) {
    if (round % 2 == 0) {
      JsonNode first = run(load, postern, work, round);
      return new Results.Pair(first, run(load, peer, work, round));
    }
    JsonNode first = run(load, peer, work, round);
    return new Results.Pair(run(load, postern, work, round), first);
  }

  private JsonNode run(LoadProgram load, Contender contender, Work work, int round) {
    JsonNode run = load.run(contender, work);
    contender.awaitQuiet();
    progress.printf(
        "%s %-7s %-7s accepted %6s/s  available %6s/s  fetched %6s/s  CPU %6s ms  others %2.0f %%%n",
        roundName(round),
        work.name(),
        contender.name(),
        Figure.format(Figure.ACCEPTED.of(run)),
        Figure.format(Figure.AVAILABLE.of(run)),
        Figure.format(Figure.FETCHED.of(run)),
        Figure.format(Figure.CPU.of(run)),
        100 * others(run));
    progress.flush();
    return run;
  }

  /** As a line of progress begins: the first round is not counted. */
  static String roundName(int round) {
    return round == 0 ? "warm-up" : "pair " + round;
  }

  /** The share of the machine that neither side of the load has used. */
  static double others(JsonNode run) {
    JsonNode all = run.at("/usage/all");
    double machine = Runtime.getRuntime().availableProcessors() * all.at("/wall_s").asDouble();
    return all.at("/other_cpu_s").asDouble() / Math.max(0.01, machine);
  }
}
