package io.postern.gateway;

import io.postern.broker.EmbeddedKafka;
import io.postern.gateway.container.ServiceProcess;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * A {@code postern proxy} of its own beside a running Postern, killed at one step of a conversation
 * through it, whichever end comes to that step.
 */
final class DoomedProxy implements AutoCloseable {
  private final String step;
  private final ServiceProcess process;
  private int passes;
  private boolean killed;

  private DoomedProxy(String step, int passes, ServiceProcess process) {
    this.step = step;
    this.passes = passes;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param data of the running Postern, whose Kafka and keys it uses
   * @param routes as YAML
   * @param step the one at which it is killed
   * @param passes how often that step goes well before
   */
  static DoomedProxy start(Path data, String routes, String step, int passes) throws IOException {
    Path log = data.resolveSibling("proxy.log");
    return new DoomedProxy(
        step, passes, ServiceProcess.start("proxy", settings(data, routes), log));
  }

  private static Map<String, String> settings(Path data, String routes) throws IOException {
    Map<String, Object> kafka = EmbeddedKafka.clientProperties(data.resolve("kafka")).orElseThrow();
    Properties secret = new Properties();
    secret.putAll(kafka);
    Path clientFile = data.resolveSibling("client.properties");
    try (Writer out = Files.newBufferedWriter(clientFile)) {
      secret.store(out, null);
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("POSTERN_BIND", "127.0.0.1");
    settings.put("POSTERN_HEALTH_PORT", "0");
    settings.put("POSTERN_HOSTNAME", "localhost");
    settings.put("POSTERN_KAFKA_BOOTSTRAP_SERVERS", kafka.get("bootstrap.servers").toString());
    settings.put("POSTERN_KAFKA_REPLICATION", "1");
    settings.put("POSTERN_KAFKA_CLIENT_FILE", clientFile.toString());
    settings.put("POSTERN_TRANSIT_RECIPIENT", recipient(data.resolve("keys/transit.txt")));
    settings.put("POSTERN_TLS_CERTIFICATE", data.resolve("tls/certificate.pem").toString());
    settings.put("POSTERN_TLS_KEY", data.resolve("tls/key.pem").toString());
    settings.put("POSTERN_WORKERS_SENDER_TIMEOUT_S", "8");
    settings.put("POSTERN_PROXY_ROUTES", routes);
    return settings;
  }

  private static String recipient(Path identityFile) throws IOException {
    String mark = "# public key: ";
    return Files.readAllLines(identityFile).stream()
        .filter(line -> line.startsWith(mark))
        .findFirst()
        .orElseThrow()
        .substring(mark.length());
  }

  int port(String route) {
    return process.port("proxy " + route);
  }

  /** Somebody has come to a step. */
  synchronized void reached(String name) {
    if (!killed && name.equals(step) && passes-- == 0) {
      killed = true;
      process.close();
    }
  }

  /** Whether it was killed where it was to be. */
  synchronized boolean isKilled() {
    return killed;
  }

  @Override
  public void close() {
    process.close();
  }
}
