package io.postern.bench.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
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
      List<Outcome> outcomes = runs.stream().map(Scaling::flood).toList();
      assertThat(
              median(outcomes, Outcome::acceptedPerSecond) / median(runs, Inputs.Flood::accepted))
          .as(size + ", accepted")
          .isCloseTo(1, within(0.13));
      assertThat(median(outcomes, Outcome::storedPerSecond) / median(runs, Inputs.Flood::stored))
          .as(size + ", stored")
          .isCloseTo(1, within(0.13));
    }
  }

  /** Of an odd number. */
  private static <T> double median(List<T> all, ToDoubleFunction<T> value) {
    return all.stream().mapToDouble(value).sorted().skip(all.size() / 2).findFirst().orElseThrow();
  }
}
