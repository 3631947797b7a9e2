package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.Postern;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the age program and a small file. */
@Tag("interop")
class AgeFileInteropTest {
  private static final int PAIRS = 1;

  /** Of 1 GiB: more than what both do in one piece, and no whole number of their chunks. */
  private static final double SCALE = 3e-3;

  private final StringWriter progress = new StringWriter();

  @TempDir Path checkout;

  @Test
  void each_opens_what_the_other_has_sealed() throws Exception {
    Path launcher = checkout.resolve("postern");
    Files.writeString(
        launcher,
        "#!/bin/sh\nexec '%s/bin/java' -cp '%s' %s \"$@\"\n"
            .formatted(
                System.getProperty("java.home"),
                System.getProperty("java.class.path"),
                Postern.class.getName()));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Report report = new AgeFile(settings(), new PrintWriter(progress, true), false).run();
    assertThat(progress.toString())
        .hasLineCount(4)
        .contains("warm-up sealing", "warm-up opening", "pair 1 sealing", "pair 1 opening");
    assertThat(report.text())
        .startsWith("| 3 MiB | Postern | age | ratio | target |\n")
        .containsPattern("\\| sealing, ms \\| [0-9.]+ .*\\| ≤ 1\\.00 ")
        .containsPattern("\\| opening, ms \\| [0-9.]+ .*\\| ≤ 1\\.00 ");
  }

  private Race.Settings settings() {
    return new Race.Settings(
        checkout, checkout, List.of(), PAIRS, SCALE, Optional.empty(), Race.Course.PEER, 0);
  }
}
