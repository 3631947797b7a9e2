package io.postern.gateway;

import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/**
 * What the build of the image runs once, for the JVM to keep which classes a service's start needs:
 * {@code setup}, and all services in this process until they are ready, and until they have
 * stopped. The broker runs in another one, since each start would load what is kept of it, too.
 */
final class Rehearsal {
  private static final List<String> SERVICES =
      List.of("ingest", "crypto-worker", "store-worker", "pop3-frontend", "proxy");
  private static final int PATIENCE_S = 60;

  /** Any free ports, of the loopback only. */
  private static final String LISTENERS =
      """
      hostname: localhost
      bind: 127.0.0.1
      smtp: {starttls-port: 0, tls-port: 0}
      pop3: {starttls-port: 0, tls-port: 0}
      health: {port: 0}
      """;

  private final Path directory;
  private final CountDownLatch ready = new CountDownLatch(SERVICES.size());
  private final CountDownLatch stopped = new CountDownLatch(SERVICES.size());

  private Rehearsal(Path directory) {
    this.directory = directory;
  }

  /**
   * Exit code 1 where not all were ready within a minute.
   *
   * @param args a directory to make, for all that is written; the caller removes it
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Files.createDirectory(Path.of(args[0]).toAbsolutePath());
    System.exit(new Rehearsal(directory).run() ? 0 : 1);
  }

  private boolean run() throws IOException, InterruptedException {
    Path kafka = startBroker();
    Path settings = Files.writeString(directory.resolve("services.yaml"), settings(kafka));
    execute("setup", settings);
    for (String service : SERVICES) {
      new Thread(() -> execute(service, settings), service).start();
    }
    return ready.await(PATIENCE_S, TimeUnit.SECONDS);
  }

  /** With its settings for clients; it ends when the services have stopped. */
  private Path startBroker() throws IOException {
    Path settings = Files.writeString(directory.resolve("broker.yaml"), LISTENERS);
    Path data = directory.resolve("data");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-XX:AOT"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Postern.class.getName()));
    command.addAll(List.of("run", "--config", settings.toString(), "--data", data.toString()));
    Process broker =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endLast(broker), "broker"));
    BufferedReader said = broker.inputReader();
    String line = said.readLine();
    while (line != null && !line.equals("ready")) {
      line = said.readLine();
    }
    return data.resolve("kafka/client.properties");
  }

  private void endLast(Process broker) {
    try {
      stopped.await(PATIENCE_S, TimeUnit.SECONDS);
      broker.destroy();
      broker.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String settings(Path kafka) throws IOException {
    Properties clients = new Properties();
    try (Reader file = Files.newBufferedReader(kafka)) {
      clients.load(file);
    }
    return LISTENERS
        + """
        kafka: {bootstrap-servers: "%2$s", client-file: "%3$s", replication: 1}
        s3: {endpoint: "http://127.0.0.1:%4$d", access-key-file: "%1$s/access", secret-key-file: "%1$s/secret"}
        transit: {identity-file: "%1$s/identity", recipient-file: "%1$s/recipient"}
        tls: {certificate: "%1$s/certificate.pem", key: "%1$s/key.pem"}
        proxy:
          routes:
            - {name: out, protocol: submission, port: 0, mailbox: archive@postern.example,
               upstream: {host: localhost, port: 587, tls: starttls}}
        """
            .formatted(directory, clients.getProperty("bootstrap.servers"), kafka, startStore());
  }

  /** What a service asks of an object store at its start is whether the bucket is there. */
  private static int startStore() {
    return Core.awaitStart(
            Vertx.vertx()
                .createHttpServer()
                .requestHandler(request -> request.response().end())
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private void execute(String command, Path settings) {
    CommandLine postern = Postern.commandLine(command);
    postern.setOut(
        new PrintWriter(System.out, true) {
          @Override
          public void println(String line) {
            super.println(command + ": " + line);
            if (line.startsWith("ready")) {
              ready.countDown();
            } else if (line.equals("stopped")) {
              stopped.countDown();
            }
          }
        });
    postern.execute(command, "--config", settings.toString());
  }
}
