package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparedTest {
  @Test
  void a_row_has_the_ratio_and_whether_it_is_small_enough() {
    // Ratios 0.5, 1.5, 0.9.
    Compared compared = of(pair(100, 200), pair(150, 100), pair(90, 100));
    assertThat(compared.isWithin(1)).isTrue();
    assertThat(compared.row("login, ms", 1))
        .isEqualTo(
            "| login, ms | 100 (90.0–150) | 100 (100–200) | 0.90 (0.50–1.50) | ≤ 1.00 met |\n");
    assertThat(of(pair(101, 100)).row("", 1)).contains("≤ 1.00 **missed** |");
    assertThat(of(pair(299, 100)).isWithin(3)).isTrue();
  }

  private static Compared of(Compared.Pair... pairs) {
    return new Compared(List.of(pairs));
  }

  private static Compared.Pair pair(double ours, double theirs) {
    return new Compared.Pair(ours, theirs);
  }
}
