package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class LineTest {
  private static final double SMALL = 1e-9;

  @Test
  void points_on_a_line_give_it() {
    List<Line.Point> points =
        List.of(new Line.Point(0.004, 104), new Line.Point(0.1, 200), new Line.Point(1, 1100));
    Line line = Line.through(points);
    assertThat(line.perMessage()).isCloseTo(100, within(SMALL));
    assertThat(line.perMegabyte()).isCloseTo(1000, within(SMALL));
    assertThat(line.worst(points)).isCloseTo(0, within(SMALL));
  }

  /** 1 and 3 at one length: 1.2 is wrong by a fifth and three fifths, the least sum of squares. */
  @Test
  void errors_count_as_parts_of_the_cost() {
    List<Line.Point> points =
        List.of(
            new Line.Point(0, 1), new Line.Point(0, 3), new Line.Point(1, 1), new Line.Point(1, 3));
    Line line = Line.through(points);
    assertThat(line.at(0)).isCloseTo(1.2, within(SMALL));
    assertThat(line.at(1)).isCloseTo(1.2, within(SMALL));
    assertThat(line.worst(points)).isCloseTo(0.6, within(SMALL));
  }
}
