package io.postern.age;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorTest {
  @TempDir private Path directory;

  @Test
  void readsTheFlagsOfTheFirst() throws IOException {
    Path file = directory.resolve("cpuinfo");
    Files.writeString(
        file, "processor\t: 0\nflags\t\t: fpu avx2  avx512ifma\nprocessor\t: 1\nflags\t\t: fpu\n");
    assertThat(Processor.flags(file)).containsExactlyInAnyOrder("fpu", "avx2", "avx512ifma");
  }

  @Test
  void knowsNothingOfAnotherKindOfMachine() throws IOException {
    Path file = directory.resolve("cpuinfo");
    assertThat(Processor.flags(file)).isEmpty();
    Files.writeString(file, "processor\t: 0\nFeatures\t: fp asimd\n");
    assertThat(Processor.flags(file)).isEmpty();
    Files.write(file, new byte[] {(byte) 0xff, '\n'});
    assertThat(Processor.flags(file)).isEmpty();
  }
}
