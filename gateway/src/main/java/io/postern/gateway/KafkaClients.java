package io.postern.gateway;

import io.postern.gateway.config.Settings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** What every Kafka client of a cluster is given: addresses, and whatever settings pass through. */
final class KafkaClients {
  private KafkaClients() {}

  /**
   * Of the file first, then what is set by name; the file is there for passwords.
   *
   * @throws CommandFailure where the file cannot be read
   */
  static Map<String, Object> of(Settings.Kafka kafka) {
    Map<String, Object> settings = new HashMap<>();
    if (kafka.clientFile() != null) {
      Properties properties = new Properties();
      try (Reader file = Files.newBufferedReader(kafka.clientFile())) {
        properties.load(file);
      } catch (IOException | IllegalArgumentException e) {
        throw new CommandFailure(
            "kafka.client-file: "
                + kafka.clientFile()
                + " cannot be read: "
                + e.getClass().getSimpleName(),
            e);
      }
      properties.forEach((name, value) -> settings.put(name.toString(), value));
    }
    settings.putAll(kafka.client());
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    // A topic that is made by the way has the wrong settings.
    settings.putIfAbsent("allow.auto.create.topics", "false");
    // Kafka's own one makes a bean of each metric, which nobody looks at here.
    settings.putIfAbsent("metric.reporters", "");
    return settings;
  }
}
