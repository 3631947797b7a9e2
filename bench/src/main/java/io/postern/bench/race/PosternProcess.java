package io.postern.bench.race;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code postern run} with its defaults, on a data directory of its own. */
final class PosternProcess implements Contender {
  private static final Duration BUILD_PATIENCE = Duration.ofMinutes(10);
  private static final int STOP_TIMEOUT_S = 60;

  private final Process process;
  private final Duration startTime;
  private final Map<String, String> addresses;

  private PosternProcess(Process process, Duration startTime, Map<String, String> addresses) {
    this.process = process;
    this.startTime = startTime;
    this.addresses = addresses;
  }

  /**
   * Starts it, waits until it takes mail, and makes the mailboxes.
   *
   * @param launcher the {@code postern} script
   * @param data where it keeps everything; its log goes beside
   * @param settings further ones, as in the environment
   */
  static PosternProcess start(Path launcher, Path data, Map<String, String> settings) {
    // Builds what is stale, so that the start alone is measured.
    Programs.run(BUILD_PATIENCE, List.of(launcher.toString(), "--version"));
    PosternProcess postern = startAgain(launcher, data, settings);
    try {
      Mailboxes.make(data, 0, Work.MAX_MAILBOXES);
      return postern;
    } catch (RuntimeException e) {
      postern.close();
      throw e;
    }
  }

  /** Starts it with the mailboxes and the mail that it has. */
  static PosternProcess startAgain(Path launcher, Path data, Map<String, String> settings) {
    ProcessBuilder builder =
        new ProcessBuilder(launcher.toString(), "run", "--data", data.toString())
            .redirectError(data.resolveSibling("postern.log").toFile());
    Map<String, String> environment = builder.environment();
    environment.put("POSTERN_HOSTNAME", "mx." + Mailboxes.DOMAIN);
    environment.put("POSTERN_SMTP_STARTTLS_PORT", "0");
    environment.put("POSTERN_SMTP_TLS_PORT", "-1");
    environment.put("POSTERN_POP3_STARTTLS_PORT", "0");
    environment.put("POSTERN_POP3_TLS_PORT", "-1");
    environment.put("POSTERN_HEALTH_PORT", "-1");
    environment.putAll(settings);
    try {
      long start = System.nanoTime();
      Process process = builder.start();
      Map<String, String> addresses = untilReady(process, data);
      Duration startTime = Duration.ofNanos(System.nanoTime() - start);
      return new PosternProcess(process, startTime, addresses);
    } catch (IOException e) {
      throw new RaceException("cannot start " + launcher + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, String> untilReady(Process process, Path data) throws IOException {
    Map<String, String> addresses = new HashMap<>();
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals("ready")) {
        return addresses;
      }
      String[] nameAndAddress = line.strip().split(" {2,}");
      if (nameAndAddress.length == 2) {
        addresses.put(nameAndAddress[0], nameAndAddress[1]);
      }
    }
    process.destroyForcibly();
    throw new RaceException("postern run does not start: see " + lastLine(data));
  }

  private static String lastLine(Path data) throws IOException {
    Path log = data.resolveSibling("postern.log");
    return Files.readAllLines(log).stream().reduce((a, b) -> b).orElse(log.toString());
  }

  /** From the command to where mail was taken. */
  Duration startTime() {
    return startTime;
  }

  /** Where it listens, by the name that it prints. */
  String address(String name) {
    return addresses.get(name);
  }

  /** CPU time until now. */
  Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public String name() {
    return "Postern";
  }

  @Override
  public String smtp() {
    return addresses.get("SMTP STARTTLS");
  }

  @Override
  public String pop3() {
    return addresses.get("POP3 STLS");
  }

  @Override
  public String pids() {
    return Long.toString(process.pid());
  }

  @Override
  public String login() {
    return "u%d@" + Mailboxes.DOMAIN;
  }

  @Override
  public void close() {
    Thread.interrupted(); // Who was interrupted waits for its end, too.
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
