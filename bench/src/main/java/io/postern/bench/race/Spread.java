package io.postern.bench.race;

import java.util.List;

/** What was measured several times: the middle, and how far it went to both sides. */
record Spread(double median, double least, double most) {
  /**
   * @param values one at least
   */
  static Spread of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  /** For a cell of a table. */
  @Override
  public String toString() {
    return "%s (%s–%s)".formatted(Figure.format(median), Figure.format(least), Figure.format(most));
  }
}
