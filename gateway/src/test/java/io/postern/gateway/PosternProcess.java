package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.client.PinnedTrust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** A real {@code postern run} in a process of its own, on free ports, that tests may kill. */
public final class PosternProcess implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("^  (\\S+(?: \\S+)?) +\\S+:(\\d+)$");
  private static final long STOP_S = 60;

  private final Path data;
  private final Process process;
  private final Map<String, Integer> ports = new TreeMap<>();

  private PosternProcess(Path data, Process process) {
    this.data = data;
    this.process = process;
  }

  /** Starts and waits until it says that it is ready. */
  public static PosternProcess start(Path data, Map<String, String> settings, String... jvmOptions)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command(List.of(jvmOptions), "run", "--data", data.toString()));
    builder.environment().putAll(environment());
    builder.environment().putAll(settings);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log(data).toFile()));
    PosternProcess postern = new PosternProcess(data, builder.start());
    postern.awaitReady();
    return postern;
  }

  /**
   * Where the process writes its log; beside the data, so that a test can search the data alone.
   */
  public static Path log(Path data) {
    return data.resolveSibling(data.getFileName() + ".log");
  }

  /** Runs a command to its end, with text on its standard input, and returns what it printed. */
  public static String run(Path data, String input, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command(List.of(), arguments));
    builder.environment().putAll(environment());
    builder.environment().put("POSTERN_DATA", data.toString());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log(data).toFile()));
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(STOP_S, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue())
        .as("%s; see %s", String.join(" ", arguments), log(data))
        .isZero();
    return output;
  }

  /** How a command is run by this JVM's java, with the classes that are under test. */
  public static List<String> command(List<String> jvmOptions, String... arguments) {
    List<String> options = new ArrayList<>(ClassArchive.options());
    options.addAll(jvmOptions);
    return java(options, arguments);
  }

  /** The same with a class path among the options. */
  static List<String> java(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    // It is compiled as the tests are.
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> option.startsWith("-XX:Tiered"))
            .toList());
    command.addAll(options);
    command.add(Postern.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private static Map<String, String> environment() {
    return Map.of(
        "POSTERN_HOSTNAME", "localhost",
        "POSTERN_SMTP_STARTTLS_PORT", "0",
        "POSTERN_SMTP_TLS_PORT", "0",
        "POSTERN_POP3_STARTTLS_PORT", "0",
        "POSTERN_POP3_TLS_PORT", "0",
        "POSTERN_HEALTH_PORT", "0");
  }

  private void awaitReady() throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher port = PORT.matcher(line);
      if (port.matches()) {
        ports.put(port.group(1), Integer.valueOf(port.group(2)));
      }
      if (line.equals("ready")) {
        return;
      }
    }
    throw new IOException("postern run ended before it was ready: " + Files.readString(log(data)));
  }

  /** For example {@code SMTP STARTTLS} or {@code POP3 TLS}. */
  public int port(String name) {
    return ports.get(name);
  }

  public SSLContext trust() throws IOException, GeneralSecurityException {
    return PinnedTrust.in(certificate());
  }

  public Path certificate() {
    return data.resolve("tls/certificate.pem");
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** kill -9. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** SIGTERM; the exit code must say that all went well. */
  public void stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(STOP_S, TimeUnit.SECONDS)).as("stopped in time").isTrue();
    // 128 + SIGTERM is what the JVM itself answers when it ends by the signal.
    assertThat(process.exitValue()).isIn(0, 143);
  }

  @Override
  public void close() {
    kill();
  }
}
