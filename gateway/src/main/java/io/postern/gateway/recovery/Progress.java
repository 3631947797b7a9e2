package io.postern.gateway.recovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far long work has come, on a terminal only. */
interface Progress {
  /** A stretch of work. */
  interface Stretch extends AutoCloseable {
    void step(long count);

    @Override
    void close();
  }

  /**
   * Begins a stretch.
   *
   * @param total steps that it will have, about; negative where nobody knows
   */
  Stretch begin(String what, long total);

  /** On standard error where that is a terminal; else none. */
  static Progress onTerminal() {
    return isTerminal() ? Progress::bar : silent();
  }

  static Progress silent() {
    return (what, total) ->
        new Stretch() {
          @Override
          public void step(long count) {}

          @Override
          public void close() {}
        };
  }

  private static Stretch bar(String what, long total) {
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .clearDisplayOnFinish()
            .build();
    return new Stretch() {
      @Override
      public void step(long count) {
        bar.stepBy(count);
      }

      @Override
      public void close() {
        bar.close();
      }
    };
  }

  /** Of standard error itself: {@code System.console} looks at the other streams. */
  private static boolean isTerminal() {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }
}
