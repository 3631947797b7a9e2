package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class CostLineTest {
  private static final double SMALL = 1e-9;

  @Test
  void points_on_a_line_give_it() {
    List<CostLine.Point> points =
        List.of(
            new CostLine.Point(0.004, 104),
            new CostLine.Point(0.1, 200),
            new CostLine.Point(1, 1100));
    CostLine line = CostLine.through(points);
    assertThat(line.perMessage()).isCloseTo(100, within(SMALL));
    assertThat(line.perMegabyte()).isCloseTo(1000, within(SMALL));
    assertThat(line.worst(points)).isCloseTo(0, within(SMALL));
  }

  /** 1 and 3 at one length: 1.2 is wrong by a fifth and three fifths, the least sum of squares. */
  @Test
  void errors_count_as_parts_of_the_cost() {
    List<CostLine.Point> points =
        List.of(
            new CostLine.Point(0, 1),
            new CostLine.Point(0, 3),
            new CostLine.Point(1, 1),
            new CostLine.Point(1, 3));
    CostLine line = CostLine.through(points);
    assertThat(line.at(0)).isCloseTo(1.2, within(SMALL));
    assertThat(line.at(1)).isCloseTo(1.2, within(SMALL));
    assertThat(line.worst(points)).isCloseTo(0.6, within(SMALL));
  }
}
