package io.postern.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EightOctetsTest {
  private static final int ARRAYS = 20_000;

  /** Octets next to the wanted ones, and those at the ends of all ranges. */
  private static final byte[] OCTETS = {0, 1, '\n', '\r', 0x0e, '.', '/', 0x7f, -128, -127, -1};

  @Test
  void findsWhatALoopFinds() {
    Random random = new Random(1);
    for (int i = 0; i < ARRAYS; i++) {
      byte[] array = new byte[random.nextInt(40)];
      byte usual = any(random);
      for (int at = 0; at < array.length; at++) {
        array[at] = random.nextInt(8) == 0 ? any(random) : usual;
      }
      int from = random.nextInt(array.length + 1);
      int end = from + random.nextInt(array.length - from + 1);
      byte wanted = any(random);
      int limit = random.nextInt(129);
      assertThat(EightOctets.find(wanted, array, from, end))
          .isEqualTo(first(at -> array[at] == wanted, from, end));
      assertThat(EightOctets.findBelow(limit, array, from, end))
          .isEqualTo(first(at -> Byte.toUnsignedInt(array[at]) < limit, from, end));
    }
  }

  private static byte any(Random random) {
    return OCTETS[random.nextInt(OCTETS.length)];
  }

  private static int first(IntPredicate wanted, int from, int end) {
    return IntStream.range(from, end).filter(wanted).findFirst().orElse(end);
  }
}
