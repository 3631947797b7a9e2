package io.postern.gateway;

import io.postern.gateway.cli.Options;
import io.postern.gateway.cli.SettingsOptions;
import io.postern.gateway.config.Settings;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;

/** {@code postern run}: everything in one process, until it is told to stop. */
final class RunCommand {
  private RunCommand() {}

  /** To be put under another. */
  static CommandSpec spec() {
    return Options.command(
        "Everything in one process: broker, store, workers, SMTP and POP3. Stops cleanly on"
            + " SIGTERM.",
        options -> {
          Supplier<Settings> settings = SettingsOptions.of(options, Map.of());
          return () -> run(settings, options.out());
        });
  }

  private static int run(Supplier<Settings> settings, PrintWriter out) throws InterruptedException {
    LogLevels.ofService();
    try (StopSignal stop = new StopSignal(() -> {})) {
      try (AllInOne postern = AllInOne.start(settings.get())) {
        postern.addresses().forEach((name, address) -> out.printf("  %-14s %s%n", name, address));
        out.println("ready");
        stop.await();
      }
      out.println("stopped");
    }
    return 0;
  }
}
