package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LowWaterMarkTest {
  @Test
  void standsAtTheLowestUnfinishedOffset() {
    LowWaterMark mark = new LowWaterMark(10);
    assertThat(mark.offset()).isEqualTo(10);
    assertThat(mark.isFinished(9)).isTrue();

    mark.read(10);
    mark.read(11);
    mark.read(14);
    mark.finish(11);

    assertThat(mark.offset()).isEqualTo(10);
    assertThat(mark.isFinished(11)).isTrue();
    assertThat(mark.isFinished(14)).isFalse();
    assertThat(mark.read(14)).as("fresh").isFalse();

    mark.finish(List.of(10L));
    assertThat(mark.offset()).isEqualTo(14);
    mark.finish(14);
    assertThat(mark.offset()).isEqualTo(15);
  }

  /**
   * Against a model that remembers everything: messages interleave, end in any order, come again.
   */
  @Test
  void agreesWithItsModelWhateverTheOrder() {
    for (int seed = 0; seed < 300; seed++) {
      Random dice = new Random(seed);
      LowWaterMark mark = new LowWaterMark(0);
      Map<Integer, List<Long>> open = new HashMap<>();
      Set<Long> finished = new HashSet<>();
      long next = 0;
      for (int step = 0; step < 200; step++) {
        if (dice.nextInt(3) > 0 || open.isEmpty()) {
          next += dice.nextInt(5) == 0 ? 1 : 0; // Offsets may have gaps.
          assertThat(mark.read(next)).isTrue();
          open.computeIfAbsent(dice.nextInt(5), key -> new ArrayList<>()).add(next++);
        } else {
          int message = List.copyOf(open.keySet()).get(dice.nextInt(open.size()));
          List<Long> offsets = open.remove(message);
          mark.finish(offsets);
          finished.addAll(offsets);
        }
        long lowest = open.values().stream().flatMap(List::stream).min(Long::compare).orElse(next);
        assertThat(mark.offset()).as("seed %d step %d", seed, step).isEqualTo(lowest);
        assertThat(finished).allMatch(mark::isFinished);
        assertThat(open.values()).allSatisfy(o -> assertThat(o).noneMatch(mark::isFinished));
      }
    }
  }
}
