package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ThreadTimesTest {
  @Test
  void threads_of_this_process_have_taken_time() {
    ThreadTimes then = new ThreadTimes(Map.of());
    ThreadTimes now = ThreadTimes.of(Long.toString(ProcessHandle.current().pid()));
    assertThat(now.microsSince(then, name -> true)).isPositive();
    assertThat(now.microsSince(then, name -> name.equals("no such thread"))).isZero();
    assertThat(now.microsSince(now, name -> true)).isZero();
  }
}
