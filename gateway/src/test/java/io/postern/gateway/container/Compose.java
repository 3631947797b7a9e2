package io.postern.gateway.container;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * An installation of its own, made of the project's compose files; {@link #close} leaves nothing.
 */
final class Compose implements AutoCloseable {
  private static final long TIMEOUT_S = 300;
  private static final int PORTS = 80;

  private final Path root = Path.of(System.getProperty("postern.root"));
  private final String project = "postern" + ProcessHandle.current().pid();
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> files = new ArrayList<>();
  private final int firstPort = freePorts();

  /**
   * @param files names of compose files
   */
  Compose(String... files) {
    for (String file : files) {
      this.files.add("-f");
      this.files.add(file);
    }
    environment.put("POSTERN_SMTP_STARTTLS_PORTS", range(0));
    environment.put("POSTERN_SMTP_TLS_PORTS", range(10));
    environment.put("POSTERN_POP3_STARTTLS_PORTS", range(20));
    environment.put("POSTERN_POP3_TLS_PORTS", range(30));
    environment.put("POSTERN_BALANCER_SMTP_STARTTLS_PORT", port(40));
    environment.put("POSTERN_BALANCER_SMTP_TLS_PORT", port(41));
    environment.put("POSTERN_BALANCER_POP3_STARTTLS_PORT", port(42));
    environment.put("POSTERN_BALANCER_POP3_TLS_PORT", port(43));
    environment.put("POSTERN_PROXY_SMTP_PORT", port(44));
    environment.put("POSTERN_PROXY_POP3_PORT", port(45));
    // What lives for minutes on two cores would compile for longer than it pays.
    environment.put("POSTERN_KAFKA_HEAP", "-Xms256m -Xmx512m -XX:TieredStopAtLevel=1");
    environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
  }

  /** Says loudly why nothing is shown where there is no engine. */
  static void requireEngine() {
    boolean there;
    try {
      there = new ProcessBuilder("docker", "info").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      there = false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (!there) {
      System.err.println("SKIPPED: no Docker engine answers on this machine");
    }
    Assumptions.assumeTrue(there, "no Docker engine answers on this machine");
  }

  private String range(int offset) {
    return port(offset) + "-" + port(offset + 9);
  }

  private String port(int offset) {
    return Integer.toString(firstPort + offset);
  }

  /** Where nobody listens now, so that no other test's stack is met. */
  private static int freePorts() {
    while (true) {
      int first = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      boolean free = true;
      for (int port = first; free && port < first + PORTS; port++) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
          free = probe.isBound();
        } catch (IOException e) {
          free = false;
        }
      }
      if (free) {
        return first;
      }
    }
  }

  /** Passes a variable to the compose files. */
  Compose with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Starts everything, with so many of some services: {@code ingest=2}. */
  void up(String... scales) {
    List<String> command = new ArrayList<>(List.of("up", "-d", "--no-build"));
    for (String scale : scales) {
      command.add("--scale");
      command.add(scale);
    }
    compose("", command.toArray(String[]::new));
  }

  /** Runs a Postern command and returns what it printed; fails where it failed. */
  String postern(String input, String... arguments) {
    Result result = tryPostern(input, arguments);
    if (result.exitCode() != 0) {
      throw new IllegalStateException(String.join(" ", arguments) + ": " + result.output());
    }
    return result.output();
  }

  /** Runs a Postern command. */
  Result tryPostern(String input, String... arguments) {
    List<String> command = new ArrayList<>(List.of("run", "--rm", "-T", "postern"));
    command.addAll(List.of(arguments));
    return run(input, composeCommand(command.toArray(String[]::new)), environment);
  }

  /**
   * How a command ended.
   *
   * @param output both of its streams
   */
  record Result(int exitCode, String output) {}

  /** The containers of a service that run now. */
  List<String> containers(String service) {
    return docker(
            "ps",
            "-q",
            "--filter",
            "label=com.docker.compose.project=" + project,
            "--filter",
            "label=com.docker.compose.service=" + service,
            "--filter",
            "label=com.docker.compose.oneoff=False")
        .lines()
        .toList();
  }

  /** Ports on this machine that lead to a service's port. */
  List<Integer> ports(String service, int port) {
    List<Integer> ports = new ArrayList<>();
    for (String container : containers(service)) {
      Result published = run("", List.of("docker", "port", container, port + "/tcp"), Map.of());
      published
          .output()
          .lines()
          .filter(line -> line.startsWith("127.0.0.1:"))
          .forEach(line -> ports.add(Integer.valueOf(line.substring(line.indexOf(':') + 1))));
    }
    return ports;
  }

  /** {@code docker kill} for one container of a service; returns which. */
  String kill(String service) {
    String container = containers(service).get(0);
    docker("kill", container);
    return container;
  }

  /** A file in a container of a service, as text. */
  String read(String service, String file) {
    return docker("exec", containers(service).get(0), "cat", file);
  }

  /** Runs a line of shell in a container of a service, as its root. */
  String shell(String service, String line) {
    return docker("exec", "-u", "root", containers(service).get(0), "sh", "-c", line);
  }

  String docker(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return require(command, run("", command, Map.of()));
  }

  String compose(String input, String... arguments) {
    List<String> command = composeCommand(arguments);
    return require(command, run(input, command, environment));
  }

  private List<String> composeCommand(String... arguments) {
    // Version 1 as a program of its own, where the engine has no plugin for it.
    List<String> command =
        new ArrayList<>(
            List.of(System.getProperty("container.compose", "docker-compose").split(" ")));
    command.addAll(List.of("-p", project));
    command.addAll(files);
    command.addAll(List.of(arguments));
    return command;
  }

  private static String require(List<String> command, Result result) {
    if (result.exitCode() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + result.output());
    }
    return result.output();
  }

  private Result run(String input, List<String> command, Map<String, String> variables) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().putAll(variables);
    builder.redirectErrorStream(true);
    try {
      Process process = builder.start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " does not end");
      }
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new IllegalStateException(String.join(" ", command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Removes what a service keeps; its container must be gone. */
  void removeVolume(String volume) {
    docker("volume", "rm", project + "_" + volume);
  }

  /** What all containers have said. */
  String logs() {
    return compose("", "logs", "--no-color", "--tail", "60");
  }

  @Override
  public void close() {
    compose("", "down", "-v", "-t", "20", "--remove-orphans");
  }
}
