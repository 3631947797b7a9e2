package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CopiedSetTest {
  @Test
  void knowsWhatIsInItAndNothingElse() {
    CopiedSet set = new CopiedSet(20_000);
    Random keys = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long upper = keys.nextLong();
      long lower = keys.nextLong();
      assertThat(set.contains(upper, lower)).isFalse();
      set.add(upper, lower);
      assertThat(set.contains(upper, lower)).isTrue();
      assertThat(set.contains(upper, ~lower)).isFalse();
    }
    keys = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      assertThat(set.contains(keys.nextLong(), keys.nextLong())).isTrue();
    }
  }

  @Test
  void forgetsTheOldestThatNobodyAsksFor() {
    CopiedSet set = new CopiedSet(100);
    for (long i = 1; i <= 1000; i++) {
      set.add(i, i);
      assertThat(set.contains(1, 1)).as("asked for all the time").isTrue();
    }
    assertThat(set.contains(1000, 1000)).isTrue();
    assertThat(set.contains(960, 960)).isTrue();
    assertThat(set.contains(2, 2)).isFalse();
  }
}
