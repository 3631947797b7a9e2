package io.postern.gateway;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.postern.gateway.config.SettingsOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
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
    if (System.getenv("POSTERN_LOG") == null) {
      ((Logger) LoggerFactory.getLogger("io.postern")).setLevel(Level.INFO);
    }
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    PrintWriter out = spec.commandLine().getOut();
    try (AllInOne postern = AllInOne.start(settings.read())) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitStop(asked, stopped), "stop"));
      postern.addresses().forEach((name, address) -> out.printf("  %-14s %s%n", name, address));
      out.println("ready");
      asked.await();
    }
    out.println("stopped");
    stopped.countDown();
    return 0;
  }

  /** The JVM ends when its hooks have: this one lasts until all is closed. */
  private static void awaitStop(CountDownLatch asked, CountDownLatch stopped) {
    asked.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
