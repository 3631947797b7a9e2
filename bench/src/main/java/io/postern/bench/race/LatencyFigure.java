package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** How long single messages wait, and how long they may. */
enum LatencyFigure {
  REPLY_P50("DATA to 250, p50 ms", "/accepted/data_to_250/p50_ms", Limit.NONE, 0),
  REPLY_P99("DATA to 250, p99 ms", "/accepted/data_to_250/p99_ms", Limit.RATIO, 1),
  VISIBLE_P50(
      "sent to visible, p50 ms", "/available/sent_to_visible/p50_ms", Limit.MILLISECONDS, 100),
  VISIBLE_P99(
      "sent to visible, p99 ms", "/available/sent_to_visible/p99_ms", Limit.MILLISECONDS, 500);

  /** What a target is about. */
  private enum Limit {
    NONE,
    /** Our figure divided by the peer's. */
    RATIO,
    /** Our figure alone. */
    MILLISECONDS
  }

  /**
   * One round of both. What is visible is asked for again and again, which takes CPU, and therefore
   * measured in runs of its own.
   */
  record Pair(JsonNode ours, JsonNode theirs, JsonNode oursPolled, JsonNode theirsPolled) {}

  private final String title;
  private final String pointer;
  private final Limit limit;
  private final double most;

  LatencyFigure(String title, String pointer, Limit limit, double most) {
    this.title = title;
    this.pointer = pointer;
    this.limit = limit;
    this.most = most;
  }

  String title() {
    return title;
  }

  double of(JsonNode run) {
    return run.at(pointer).asDouble();
  }

  /** A row of the table. */
  String row(List<Pair> pairs) {
    return "| %s | %s | %s | %s | %s |%n"
        .formatted(title, ours(pairs), theirs(pairs), ratio(pairs), target(pairs));
  }

  private String target(List<Pair> pairs) {
    String verdict = met(pairs) ? "met" : "**missed**";
    return switch (limit) {
      case NONE -> "";
      case RATIO -> "≤ %s %s".formatted(Figure.format(most), verdict);
      case MILLISECONDS -> "%.0f ms at most, %s".formatted(most, verdict);
    };
  }

  boolean met(List<Pair> pairs) {
    return switch (limit) {
      case NONE -> true;
      case RATIO -> ratio(pairs).median() <= most;
      case MILLISECONDS -> ours(pairs).median() < most;
    };
  }

  private Spread ours(List<Pair> pairs) {
    return Spread.of(pairs.stream().map(this::ours).toList());
  }

  private Spread theirs(List<Pair> pairs) {
    return Spread.of(pairs.stream().map(this::theirs).toList());
  }

  private Spread ratio(List<Pair> pairs) {
    return Spread.of(pairs.stream().map(pair -> ours(pair) / theirs(pair)).toList());
  }

  private double ours(Pair pair) {
    return of(polled() ? pair.oursPolled() : pair.ours());
  }

  private double theirs(Pair pair) {
    return of(polled() ? pair.theirsPolled() : pair.theirs());
  }

  private boolean polled() {
    return limit == Limit.MILLISECONDS;
  }
}
