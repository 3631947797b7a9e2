package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TruncationRoundTest {
  private final TruncationRound round =
      new TruncationRound(Map.of(0, 100L), Map.of(0, 50L, 1, 0L, 2, 7L));

  @Test
  void waitsUntilEveryPartitionIsStoredUpToItsEnd() {
    assertThat(round.isStored(Map.of(0, 50L, 2, 7L))).isTrue();
    assertThat(round.isStored(Map.of(0, 51L, 1, 3L, 2, 9L))).isTrue();
    assertThat(round.isStored(Map.of(0, 49L, 2, 7L))).isFalse();
    assertThat(round.isStored(Map.of(0, 50L))).as("no commit yet").isFalse();
  }
}
