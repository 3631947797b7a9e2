package io.postern.bench.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What docs/scaling.md claims. */
class ScalingTest {
  private static final Path PAGE = Path.of("..", "docs", "scaling.md");

  @Test
  void what_is_printed_stands_on_the_page() throws IOException {
    StringWriter printed = new StringWriter();
    new Scaling(new PrintWriter(printed)).print();
    List<String> tables = List.of(printed.toString().replace("\r\n", "\n").split("\n\n"));
    assertThat(tables).hasSize(5);
    assertThat(Files.readString(PAGE)).contains(tables.stream().map(String::strip).toList());
  }

  @Test
  void the_simulation_agrees_with_the_machine() {
    for (String size : List.of("4 KB", "75 KB", "1 MB")) {
      List<Inputs.Flood> runs =
          Inputs.FLOODS.stream().filter(run -> run.what().equals(size)).toList();
      double accepted = 0;
      double stored = 0;
      for (Inputs.Flood run : runs) {
        Outcome outcome = Scaling.flood(run);
        accepted += outcome.acceptedPerSecond() / run.accepted() / runs.size();
        stored += outcome.storedPerSecond() / run.stored() / runs.size();
      }
      assertThat(accepted).as(size + ", accepted").isCloseTo(1, within(0.16));
      assertThat(stored).as(size + ", stored").isCloseTo(1, within(0.16));
    }
  }
}
