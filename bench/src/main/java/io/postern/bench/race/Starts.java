package io.postern.bench.race;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How long {@code postern run} takes from the command to where it takes mail. */
public final class Starts {
  private static final int JAVA = Runtime.version().feature();

  /** With the archive of linked classes that 25 makes, and with those of older ones. */
  private static final int MOST_MS = JAVA >= 25 ? 3000 : 4000;

  private final Race.Settings settings;
  private final PrintWriter progress;

  /**
   * @param settings of which the checkout and the pairs are used
   */
  public Starts(Race.Settings settings, PrintWriter progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs it: some ten seconds for each pair of starts, the first in an empty directory, the second
   * after it was stopped there.
   *
   * @throws RaceException where it does not start
   */
  public Report run() {
    Path launcher = settings.root().resolve("postern");
    List<Double> empty = new ArrayList<>();
    List<Double> stopped = new ArrayList<>();
    try (WorkDirectory work = WorkDirectory.create()) {
      for (int round = 0; round <= settings.pairs(); round++) {
        Path data = work.path().resolve("data-" + round);
        double first = startAndStop(PosternProcess.start(launcher, data, Map.of()));
        double second = startAndStop(PosternProcess.startAgain(launcher, data, Map.of()));
        progress.printf(
            "%s empty %.0f ms, stopped %.0f ms%n", Race.roundName(round), first, second);
        progress.flush();
        if (round > 0) {
          empty.add(first);
          stopped.add(second);
        }
      }
      return report(Spread.of(empty), Spread.of(stopped), work);
    }
  }

  private static double startAndStop(PosternProcess postern) {
    try (postern) {
      return postern.startTime().toMillis();
    }
  }

  private Report report(Spread empty, Spread stopped, WorkDirectory work) {
    String text =
        """
        | `postern run`, Java %d | ms | target |
        | --- | --- | --- |
        %s%s
        - From the command to its line `ready`. Medians of %d starts after one that is not counted, with minimum and maximum.
        - %s.
        """
            .formatted(
                JAVA,
                row("in an empty directory", empty),
                row("where it was stopped", stopped),
                settings.pairs(),
                Machine.describe(work.path()));
    return new Report(text, isMet(empty) && isMet(stopped));
  }

  private static String row(String where, Spread ms) {
    return "| %s | %s | < %d %s |%n"
        .formatted(where, ms, MOST_MS, isMet(ms) ? "met" : "**missed**");
  }

  private static boolean isMet(Spread ms) {
    return ms.median() < MOST_MS;
  }
}
