package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private static final Work WORK = Work.ALL.get(0);

  private final Results results = new Results("Postern", "peer");

  @Test
  void a_row_has_medians_and_the_median_of_the_ratios_of_pairs() throws Exception {
    results.add(WORK, new Results.Pair(run(200, 1), run(100, 2)));
    results.add(WORK, new Results.Pair(run(600, 1), run(200, 2)));
    results.add(WORK, new Results.Pair(run(300, 1), run(300, 2)));
    assertThat(results.table())
        .contains("| accepted /s | 300 (200–600) | 200 (100–300) | 2.00 (1.00–3.00) | ≥ 1.30 met |")
        .contains(
            "| CPU ms per message | 100 (100–100) | 200 (200–200) | 0.50 (0.50–0.50) | ≤ 0.60 met |");
  }

  @Test
  void a_missed_target_is_said() throws Exception {
    results.add(WORK, new Results.Pair(run(100, 3), run(100, 2)));
    assertThat(results.allMet()).isFalse();
    assertThat(results.table())
        .contains("1.00 (1.00–1.00) | ≥ 1.30 **missed** |")
        .contains("1.50 (1.50–1.50) | ≤ 0.60 **missed** |");
  }

  @Test
  void all_met_is_said() throws Exception {
    results.add(WORK, new Results.Pair(run(300, 1), run(100, 2)));
    assertThat(results.allMet()).isTrue();
  }

  @Test
  void what_was_not_measured_has_no_row() throws Exception {
    JsonNode sent =
        new JsonMapper().readTree("{\"accepted\":{\"n\":10,\"msgs_s\":5,\"data_to_250\":{}}}");
    results.add(WORK.withoutTargets(), new Results.Pair(sent, sent));
    assertThat(results.table())
        .contains("| accepted /s | 5.00 (5.00–5.00) | 5.00 (5.00–5.00) | 1.00 (1.00–1.00) |  |")
        .doesNotContain("available", "fetched");
  }

  /** Ten messages at one rate for all, and so many seconds of CPU. */
  private static JsonNode run(int rate, double cpuSeconds) throws Exception {
    return new JsonMapper()
        .readTree(
            """
            {"accepted":{"n":10,"msgs_s":%1$d,"data_to_250":{"p99_ms":5}},"available":{"msgs_s":%1$d},
             "fetched":{"msgs_s":%1$d},"usage":{"all":{"server_cpu_s":%2$s,"server_written_mb":1},
             "server_peak_pss_sum_mb":100}}
            """
                .formatted(rate, cpuSeconds));
  }
}
