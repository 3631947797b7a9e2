package io.postern.bench.race;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One figure of which less is better, of Postern and of what it is measured against.
 *
 * @param pairs one at least
 */
record Compared(List<Pair> pairs) {
  /** What both took, one right after the other. */
  record Pair(double ours, double theirs) {
    double ratio() {
      return ours / theirs;
    }
  }

  /** A row of a table: medians with minimum and maximum, and what the ratio may be at most. */
  String row(String title, double most) {
    return "| %s | %s | %s | %s | ≤ %s %s |%n"
        .formatted(
            title,
            spread(Pair::ours),
            spread(Pair::theirs),
            spread(Pair::ratio),
            Figure.format(most),
            isWithin(most) ? "met" : "**missed**");
  }

  boolean isWithin(double most) {
    return spread(Pair::ratio).median() <= most;
  }

  private Spread spread(ToDoubleFunction<Pair> value) {
    return Spread.of(pairs.stream().mapToDouble(value).boxed().toList());
  }
}
