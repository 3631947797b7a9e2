package io.postern.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnlockLimitsTest {
  @ParameterizedTest
  @CsvSource({
    "2, 512, 1, 18",
    "2, 256, 1, 17",
    "8, 1024, 2, 18",
    "2, 4096, 2, 20",
    "64, 65536, 64, 19",
    "1, 16, 1, 16",
  })
  void fitTheHeap(int cores, long heapMiB, int threads, int maxLogN) {
    UnlockLimits limits = UnlockLimits.fitting(cores, heapMiB * 1024 * 1024, 20);
    assertThat(limits.threads()).isEqualTo(threads);
    assertThat(limits.maxLogN()).isEqualTo(maxLogN);
  }
}
