package io.postern.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkFactorTest {
  @ParameterizedTest
  @CsvSource({
    "1, 16",
    "9000000, 16",
    "16000000, 16",
    "31000000, 15",
    "62000000, 14",
    "250000000, 12",
    "9000000000, 12"
  })
  void takesAboutAQuarterOfASecond(long probeNanos, int logN) {
    assertThat(WorkFactor.forProbe(probeNanos)).isEqualTo(logN);
  }

  @Test
  void measures() {
    assertThat(WorkFactor.calibrate(System::nanoTime, new SecureRandom()))
        .isBetween(WorkFactor.MIN_LOG_N, WorkFactor.MAX_LOG_N);
  }
}
