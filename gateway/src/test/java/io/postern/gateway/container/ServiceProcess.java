package io.postern.gateway.container;

import io.postern.gateway.PosternProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One service in a process of its own on this machine. */
public final class ServiceProcess implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("(?:ready: |, )([^,]+?) \\S+:(\\d+)");

  private final Process process;
  private final Map<String, Integer> ports = new TreeMap<>();

  private ServiceProcess(Process process) {
    this.process = process;
  }

  /** Starts it and waits until it says that it is ready; its log goes to a file. */
  public static ServiceProcess start(String service, Map<String, String> settings, Path log)
      throws IOException {
    ServiceProcess started = new ServiceProcess(begin(List.of(service), settings, log));
    String line;
    try (BufferedReader output = started.process.inputReader(StandardCharsets.UTF_8)) {
      do {
        line = output.readLine();
        if (line == null) {
          throw new IOException(service + " ended before it was ready: see " + log);
        }
      } while (!line.startsWith("ready"));
    }
    Matcher address = ADDRESS.matcher(line);
    while (address.find()) {
      started.ports.put(address.group(1), Integer.valueOf(address.group(2)));
    }
    return started;
  }

  /** Runs a command to its end, with a line on its standard input. */
  static int run(List<String> command, String input, Map<String, String> settings, Path log)
      throws IOException, InterruptedException {
    Process process = begin(command, settings, log);
    try (var in = process.getOutputStream()) {
      in.write((input + "\n").getBytes(StandardCharsets.UTF_8));
    }
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  private static Process begin(List<String> command, Map<String, String> settings, Path log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(PosternProcess.command(List.of(), command.toArray(String[]::new)));
    builder.environment().putAll(settings);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  /** For example {@code SMTP STARTTLS}. */
  public int port(String name) {
    return ports.get(name);
  }

  /** kill -9. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
