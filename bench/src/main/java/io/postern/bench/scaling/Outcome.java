package io.postern.bench.scaling;

import java.util.List;
import java.util.Locale;

/**
 * What came of a simulation.
 *
 * @param acceptedAfter seconds from sending to the 250, sorted
 * @param acceptedAt when each message got its 250, in order
 * @param visibleAfter seconds from sending to lying in the store, sorted
 * @param visibleAt when each message got there, in order
 * @param loads the busiest first
 */
record Outcome(
    double[] acceptedAfter,
    List<Double> acceptedAt,
    double[] visibleAfter,
    List<Double> visibleAt,
    List<Load> loads) {

  /** How much of a resource was used, 0 to 1. */
  record Load(String resource, double utilisation) {
    /** Without number and kind of resource. */
    String service() {
      return resource.substring(0, resource.indexOf(' '));
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s %.0f %%", resource, 100 * utilisation);
    }
  }

  static double quantile(double[] sorted, double part) {
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(part * sorted.length))];
  }

  /** Messages a second until the last had its 250. */
  double acceptedPerSecond() {
    return acceptedAt.size() / acceptedAt.get(acceptedAt.size() - 1);
  }

  /** Messages a second until the last was in the store. */
  double storedPerSecond() {
    return visibleAt.size() / visibleAt.get(visibleAt.size() - 1);
  }
}
