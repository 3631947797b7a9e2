package io.postern.pipeline.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Duration FRESH = Duration.ofMillis(1);

  private long nanos = 5;
  private boolean sendersWait;
  private final Pace pace = new Pace(() -> sendersWait, () -> nanos);

  @Test
  void readsAtOnceWhereNothingWasRead() {
    assertThat(pace.left()).isZero();
    pace.read(0, Duration.ZERO);
    assertThat(pace.left()).isZero();
  }

  @Test
  void waitsForCompanyOfAFewSmallMessages() {
    pace.read(5_000, FRESH);
    assertThat(pace.left()).isEqualTo(Duration.ofMillis(20));
    pass(Duration.ofMillis(15));
    assertThat(pace.left()).isEqualTo(Duration.ofMillis(5));
    pass(Duration.ofMillis(5));
    assertThat(pace.left()).isZero();
  }

  @Test
  void waitsForNoCompanyWhereMuchCame() {
    pace.read(256 * 1024, FRESH);
    assertThat(pace.left()).isZero();
  }

  @Test
  void letsSendersGoFirstUntilTheyWaitNoMore() {
    pace.read(2 << 20, FRESH);
    sendersWait = true;
    assertThat(pace.left()).isEqualTo(Duration.ofMillis(5));
    pass(Duration.ofMillis(500));
    assertThat(pace.left()).isPositive();
    sendersWait = false;
    assertThat(pace.left()).isZero();
  }

  @Test
  void letsNobodyGoFirstForLongerThanASecond() {
    sendersWait = true;
    pace.read(2 << 20, FRESH);
    pass(Pace.MAX_COURTESY);
    assertThat(pace.left()).isZero();
    pace.read(2 << 20, FRESH);
    assertThat(pace.left()).as("one reading each second").isPositive();
  }

  @Test
  void letsNobodyGoFirstWhereMailIsLate() {
    sendersWait = true;
    pace.read(2 << 20, Pace.LATE.plusMillis(1));
    assertThat(pace.left()).isZero();
    pace.read(2 << 20, FRESH);
    assertThat(pace.left()).isPositive();
    pace.read(0, Pace.LATE.multipliedBy(2));
    assertThat(pace.left()).as("of nothing, which is not late").isPositive();
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
