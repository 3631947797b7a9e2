package io.postern.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
  private Instant now = Instant.EPOCH;
  private final LoginThrottle throttle = new LoginThrottle(3, Duration.ofSeconds(10), () -> now);

  @Test
  void refusesAfterTheBurstUntilTimeHasPassed() {
    for (int i = 0; i < 3; i++) {
      assertThat(throttle.admit("192.0.2.1")).isTrue();
    }
    assertThat(throttle.admit("192.0.2.1")).isFalse();
    assertThat(throttle.admit("192.0.2.2")).isTrue();
    now = now.plusSeconds(10);
    assertThat(throttle.admit("192.0.2.1")).isTrue();
    assertThat(throttle.admit("192.0.2.1")).isFalse();
  }

  @Test
  void successesCostNothing() {
    for (int i = 0; i < 100; i++) {
      assertThat(throttle.admit("192.0.2.1")).isTrue();
      throttle.succeeded("192.0.2.1");
    }
  }

  @Test
  void countsAnIpv6NetworkAsOne() {
    for (int i = 0; i < 3; i++) {
      assertThat(throttle.admit("2001:db8:0:1:0:0:0:" + i)).isTrue();
    }
    assertThat(throttle.admit("2001:db8:0:1:a:b:c:d")).isFalse();
    assertThat(throttle.admit("2001:db8:0:2:a:b:c:d")).isTrue();
  }

  @Test
  void forgetsTheOldestOfVeryManyNetworks() {
    for (int i = 0; i < 3; i++) {
      throttle.admit("192.0.2.1");
    }
    for (int i = 0; i < 20_000; i++) {
      throttle.admit("10.0." + i / 256 + "." + i % 256);
    }
    assertThat(throttle.admit("192.0.2.1")).isTrue();
  }
}
