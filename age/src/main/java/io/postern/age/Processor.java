package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What this machine's processor can do, where that decides which cipher is fastest. */
final class Processor {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** HotSpot's vector code for Poly1305 on x86 is written for these (JDK-8288047). */
  private static final String WIDE_MULTIPLICATION = "avx512ifma";

  private Processor() {}

  /**
   * Whether HotSpot 21 and later has code for Poly1305 that is faster than Java: always on AArch64,
   * on x86 only for processors that multiply 52-bit integers in vectors. Where it cannot be told,
   * false.
   */
  static boolean multipliesWide() {
    String architecture = System.getProperty("os.arch", "");
    return architecture.equals("aarch64") || flags(CPU_INFO).contains(WIDE_MULTIPLICATION);
  }

  /** Of the first processor; none where the file does not tell. */
  static Set<String> flags(Path cpuInfo) {
    try (Stream<String> lines = Files.lines(cpuInfo, US_ASCII)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(
              line ->
                  Set.copyOf(List.of(line.substring(line.indexOf(':') + 1).strip().split(" +"))))
          .orElse(Set.of());
    } catch (IOException | UncheckedIOException e) {
      return Set.of();
    }
  }
}
