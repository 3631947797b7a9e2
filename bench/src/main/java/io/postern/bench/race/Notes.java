package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What must be known beside a table to read it rightly. */
final class Notes {
  private final Race.Settings settings;
  private final Results results;
  private final Path directory;

  /**
   * @param directory of the race
   */
  Notes(Race.Settings settings, Results results, Path directory) {
    this.settings = settings;
    this.results = results;
    this.directory = directory;
  }

  /** A list in Markdown. Measures what the table leaves out, for which Postern still runs. */
  String text(LoadProgram load, Contender postern) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "Medians of %d pairs after one that is not counted, with minimum and maximum; a ratio is the median of the pairs' ratios."
            .formatted(settings.pairs()));
    notes.add(WarmUp.note(settings.warmUpMessages()));
    if (postern instanceof PosternProcess process) {
      notes.add(
          "`postern run` took mail %d ms after the command, in an empty directory."
              .formatted(process.startTime().toMillis()));
      notes.add(Unlocking.measure(load, process, directory.resolve("data")).note());
    }
    notes.add(memory());
    notes.add(others());
    notes.add(Machine.describe(directory) + ".");
    notes.add(Machine.versions(settings.root().resolve("postern")) + ".");
    StringBuilder text = new StringBuilder("\n");
    notes.forEach(note -> text.append("- ").append(note).append('\n'));
    return text.toString();
  }

  private String memory() {
    return "Most resident memory in any run: %s MB against %s MB; shared pages divided among their users (PSS): %s against %s."
        .formatted(
            most(results.ours(), "/usage/server_peak_rss_sum_mb"),
            most(results.theirs(), "/usage/server_peak_rss_sum_mb"),
            most(results.ours(), "/usage/server_peak_pss_sum_mb"),
            most(results.theirs(), "/usage/server_peak_pss_sum_mb"));
  }

  private static String most(List<JsonNode> runs, String pointer) {
    return Figure.format(
        runs.stream().mapToDouble(run -> run.at(pointer).asDouble()).max().orElse(0));
  }

  private String others() {
    List<Double> shares = new ArrayList<>();
    results.ours().forEach(run -> shares.add(100 * Race.others(run)));
    results.theirs().forEach(run -> shares.add(100 * Race.others(run)));
    Spread spread = Spread.of(shares);
    return "Others used %.0f %% of the machine's CPU during a run (median; at most %.0f %%)."
        .formatted(spread.median(), spread.most());
  }
}
