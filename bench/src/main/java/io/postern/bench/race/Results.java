package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Pairs of runs, and the table of them. */
final class Results {
  /** One run of each, right after the other. */
  record Pair(JsonNode postern, JsonNode peer) {
    double ratio(Figure figure) {
      return figure.of(postern) / figure.of(peer);
    }
  }

  private final String ours;
  private final String theirs;
  private final Map<Work, List<Pair>> pairs = new LinkedHashMap<>();

  /**
   * @param ours what the first column is of
   * @param theirs what the second is of, 1 in ratios
   */
  Results(String ours, String theirs) {
    this.ours = ours;
    this.theirs = theirs;
  }

  void add(Work work, Pair pair) {
    pairs.computeIfAbsent(work, w -> new ArrayList<>()).add(pair);
  }

  /** A table in Markdown: medians with minimum and maximum; ratios are medians of pairs. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append("| work | | %s | %s | ratio | target |%n".formatted(ours, theirs));
    table.append("| --- | --- | --- | --- | --- | --- |\n");
    pairs.forEach(
        (work, runs) -> {
          for (Figure figure : Figure.values()) {
            if (figure.isIn(runs.get(0).postern())) {
              table.append(row(work, figure, runs)).append('\n');
            }
          }
        });
    return table.toString();
  }

  /** All runs in the first column. */
  List<JsonNode> ours() {
    return pairs.values().stream().flatMap(List::stream).map(Pair::postern).toList();
  }

  /** All runs in the second. */
  List<JsonNode> theirs() {
    return pairs.values().stream().flatMap(List::stream).map(Pair::peer).toList();
  }

  /** Whether every target is met. */
  boolean allMet() {
    return pairs.entrySet().stream()
        .allMatch(
            entry ->
                entry.getKey().targets().entrySet().stream()
                    .allMatch(
                        target ->
                            target
                                .getKey()
                                .meets(
                                    ratio(entry.getValue(), target.getKey()), target.getValue())));
  }

  private static String row(Work work, Figure figure, List<Pair> runs) {
    double ratio = ratio(runs, figure);
    Double target = work.targets().get(figure);
    String wanted =
        target == null
            ? ""
            : "%s %s %s"
                .formatted(
                    figure.more ? "≥" : "≤",
                    Figure.format(target),
                    figure.meets(ratio, target) ? "met" : "**missed**");
    return "| %s | %s | %s | %s | %s | %s |"
        .formatted(
            figure == Figure.ACCEPTED ? work.title() : "",
            figure.title,
            spread(runs, pair -> figure.of(pair.postern())),
            spread(runs, pair -> figure.of(pair.peer())),
            spread(runs, pair -> pair.ratio(figure)),
            wanted);
  }

  private static double ratio(List<Pair> runs, Figure figure) {
    return spread(runs, pair -> pair.ratio(figure)).median();
  }

  private static Spread spread(List<Pair> runs, Function<Pair, Double> value) {
    return Spread.of(runs.stream().map(value).toList());
  }
}
