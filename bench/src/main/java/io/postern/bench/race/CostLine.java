package io.postern.bench.race;

import java.util.List;

/**
 * A cost that grows with the length of a message: the straight line with the least relative error.
 *
 * @param perMessage what a message costs whatever its length
 * @param perMegabyte what 10^6 octets cost besides
 */
record CostLine(double perMessage, double perMegabyte) {
  /** What a message of some length has cost, more than 0. */
  record Point(double megabytes, double cost) {}

  /**
   * @param points of two lengths at least
   */
  static CostLine through(List<Point> points) {
    double weights = 0;
    double lengths = 0;
    double costs = 0;
    double squares = 0;
    double products = 0;
    for (Point point : points) {
      double weight = 1 / (point.cost() * point.cost());
      weights += weight;
      lengths += weight * point.megabytes();
      costs += weight * point.cost();
      squares += weight * point.megabytes() * point.megabytes();
      products += weight * point.megabytes() * point.cost();
    }
    double slope = (weights * products - lengths * costs) / (weights * squares - lengths * lengths);
    return new CostLine((costs - slope * lengths) / weights, slope);
  }

  double at(double megabytes) {
    return perMessage + perMegabyte * megabytes;
  }

  /** How far the farthest point lies from the line, as a part of its cost. */
  double worst(List<Point> points) {
    return points.stream()
        .mapToDouble(point -> Math.abs(at(point.megabytes()) / point.cost() - 1))
        .max()
        .orElse(0);
  }
}
