package io.postern.gateway;

import io.postern.gateway.config.SettingsOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern run}: everything in one process, until it is told to stop. */
@Command(
    name = "run",
    description =
        "Everything in one process: broker, store, workers, SMTP and POP3. Stops cleanly on SIGTERM.")
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOptions settings;

  @Override
  public Integer call() throws InterruptedException {
    LogLevels.ofService();
    PrintWriter out = spec.commandLine().getOut();
    try (StopSignal stop = new StopSignal(() -> {})) {
      try (AllInOne postern = AllInOne.start(settings.read())) {
        postern.addresses().forEach((name, address) -> out.printf("  %-14s %s%n", name, address));
        out.println("ready");
        stop.await();
      }
      out.println("stopped");
    }
    return 0;
  }
}
