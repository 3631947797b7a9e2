package io.postern.testkit;

import io.postern.broker.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real Kafka for tests, started once for all test classes of the JVM that register it:
 *
 * <pre>{@code @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();}</pre>
 *
 * <p>Tests keep apart from each other by names: {@link #freshPrefix} for topics and groups.
 */
public final class KafkaForTests implements BeforeAllCallback {
  private Shared shared;

  @Override
  public void beforeAll(ExtensionContext context) {
    shared =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.GLOBAL)
            .computeIfAbsent(Shared.class, key -> new Shared(), Shared.class);
  }

  /** How a client connects. */
  public Map<String, Object> clientProperties() {
    return shared.kafka.clientProperties();
  }

  /** A prefix for topics and groups that no other test has. */
  public String freshPrefix() {
    return "t" + UUID.randomUUID().toString().substring(0, 8) + ".";
  }

  private static final class Shared implements AutoCloseable {
    private final Path directory;
    private final EmbeddedKafka kafka;

    Shared() {
      try {
        directory = Files.createTempDirectory("postern-kafka");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      kafka = EmbeddedKafka.start(directory, 0);
    }

    @Override
    public void close() throws IOException {
      kafka.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
