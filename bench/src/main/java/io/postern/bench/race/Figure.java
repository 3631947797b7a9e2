package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What is read off one run of the load program. */
enum Figure {
  ACCEPTED("accepted /s", true, run -> run.at("/accepted/msgs_s").asDouble()),
  AVAILABLE("available /s", true, run -> run.at("/available/msgs_s").asDouble()),
  FETCHED("fetched /s", true, run -> run.at("/fetched/msgs_s").asDouble()),
  CPU(
      "CPU ms per message",
      false,
      run -> 1000 * run.at("/usage/all/server_cpu_s").asDouble() / messages(run)),
  LATENCY("DATA to 250, p99 ms", false, run -> run.at("/accepted/data_to_250/p99_ms").asDouble()),
  WRITTEN(
      "written, KB per message",
      false,
      run -> 1000 * run.at("/usage/all/server_written_mb").asDouble() / messages(run)),
  MEMORY("peak memory, MB", false, run -> run.at("/usage/server_peak_pss_sum_mb").asDouble());

  final String title;

  /** Whether more is better. */
  final boolean more;

  private final ToDoubleFunction<JsonNode> read;

  Figure(String title, boolean more, ToDoubleFunction<JsonNode> read) {
    this.title = title;
    this.more = more;
    this.read = read;
  }

  /** Whether a run has it: where nothing is fetched, nothing is measured of that. */
  boolean isIn(JsonNode run) {
    return switch (this) {
      case AVAILABLE -> run.has("available");
      case FETCHED -> run.has("fetched");
      case ACCEPTED, CPU, LATENCY, WRITTEN, MEMORY -> true;
    };
  }

  double of(JsonNode run) {
    return read.applyAsDouble(run);
  }

  boolean meets(double ratio, double target) {
    return more ? ratio >= target : ratio <= target;
  }

  /** Three digits at least, none of them invented; a dash where there is nothing to divide by. */
  static String format(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }

  private static double messages(JsonNode run) {
    return Math.max(1, run.at("/accepted/n").asDouble());
  }
}
