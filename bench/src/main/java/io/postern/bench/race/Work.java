package io.postern.bench.race;

import java.util.List;
import java.util.Map;

/**
 * One kind of load, and what of the peer's figures is to be reached, peer = 1.
 *
 * @param name on the command line
 * @param title in the table
 * @param mix as the load program takes it: {@code SIZE} or {@code SIZE:SHARE,…}
 * @param connections that send at the same time, and at most that fetch
 * @param mailboxes that receive in turn
 * @param messages in one run: what takes Postern two seconds or so, since the load program looks
 *     for what is available every half second at first
 */
record Work(
    String name,
    String title,
    String mix,
    int connections,
    int mailboxes,
    int messages,
    Map<Figure, Double> targets) {
  /** The most that any kind of load sends to. */
  static final int MAX_MAILBOXES = 32;

  /** What people write to each other: three fifths small, one in a hundred very large. */
  static final String MIX = "4k:60,75k:30,1m:9,25m:1";

  static final List<Work> ALL =
      List.of(
          new Work("4k-1", "4 KB, 1 connection", "4k", 1, 8, 1500, targets(1.3, 2, 2, 0.6)),
          new Work("4k-32", "4 KB, 32 connections", "4k", 32, 32, 6000, targets(4, 8, 3, 0.35)),
          new Work("75k-32", "75 KB, 32 connections", "75k", 32, 32, 3000, targets(3, 5, 3, 0.4)),
          new Work("1m-8", "1 MB, 8 connections", "1m", 8, 8, 400, targets(1.5, 2, 1.5, 0.8)),
          new Work("25m-8", "25 MB, 8 connections", "25m", 8, 8, 40, targets(1, 1.2, 1.5, 1)),
          new Work("mixed", "mixed mail, 8 connections", MIX, 8, 8, 2000, targets(3, 4, 2.5, 0.5)));

  /**
   * The kind of load with the name.
   *
   * @throws RaceException where there is none
   */
  static Work named(String name) {
    return ALL.stream()
        .filter(work -> work.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new RaceException(
                    "no work is called "
                        + name
                        + ": there are "
                        + String.join(", ", ALL.stream().map(Work::name).toList())));
  }

  private static Map<Figure, Double> targets(
      double accepted, double available, double fetched, double cpu) {
    return Map.of(
        Figure.ACCEPTED,
        accepted,
        Figure.AVAILABLE,
        available,
        Figure.FETCHED,
        fetched,
        Figure.CPU,
        cpu);
  }

  /** The same where there is nothing to reach, only something to see. */
  Work withoutTargets() {
    return new Work(name, title, mix, connections, mailboxes, messages, Map.of());
  }

  /** The same with more or fewer messages, one at least. */
  Work scaled(double factor) {
    int scaled = (int) Math.max(1, Math.round(messages * factor));
    return new Work(name, title, mix, connections, mailboxes, scaled, targets);
  }
}
