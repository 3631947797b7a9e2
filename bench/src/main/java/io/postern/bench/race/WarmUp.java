package io.postern.bench.race;

import java.io.PrintWriter;
import java.util.Map;

/**
 * Mail that is not measured, before all that is: a mail server runs for weeks, and a JVM has
 * compiled what matters only after some ten thousand messages.
 */
final class WarmUp {
  private static final int STEP_MESSAGES = 5000;

  /** So many times fewer of mixed sizes: their ways through the code are their own. */
  private static final int MIXED_PART = 2;

  private static final int CONNECTIONS = 32;

  private WarmUp() {}

  /**
   * @param messages of 4 KB, and half as many of mixed sizes; 0: none
   */
  static void run(LoadProgram load, Contender contender, int messages, PrintWriter progress) {
    for (int done = 0; done < messages; done += STEP_MESSAGES) {
      int step = Math.min(STEP_MESSAGES, messages - done);
      load.run(contender, work("4k", step));
      load.run(contender, work(Work.MIX, Math.max(1, step / MIXED_PART)));
      progress.printf(
          "warming up %s: %d of %d messages%n", contender.name(), done + step, messages);
      progress.flush();
    }
  }

  private static Work work(String sizes, int messages) {
    return new Work("warm-up", "", sizes, CONNECTIONS, Work.MAX_MAILBOXES, messages, Map.of());
  }

  /** What is said of it under a table. */
  static String note(int messages) {
    String warmUp =
        messages == 0
            ? "Postern was not warmed up."
            : "Before anything was measured, Postern had taken, stored and handed out "
                + messages
                + " messages of 4 KB over "
                + CONNECTIONS
                + " connections, and half as many of mixed sizes.";
    return warmUp + " " + SettledMachine.NOTE;
  }
}
