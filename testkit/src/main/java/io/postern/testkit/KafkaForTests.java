package io.postern.testkit;

import io.postern.broker.EmbeddedKafka;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A real Kafka for tests: in this process, or in a container of the image that the system property
 * {@code test.kafka.image} names. Started once for all test classes of the JVM that register it:
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
    return shared.clientProperties;
  }

  /** The broker, where it runs in this process. */
  public Optional<EmbeddedKafka> broker() {
    return shared.broker;
  }

  /** A prefix for topics and groups that no other test has. */
  public String freshPrefix() {
    return "t" + UUID.randomUUID().toString().substring(0, 8) + ".";
  }

  private static final class Shared implements AutoCloseable {
    private final Map<String, Object> clientProperties;
    private final Optional<EmbeddedKafka> broker;
    private final Closeable server;

    Shared() {
      String image = System.getProperty("test.kafka.image", "");
      if (image.isEmpty()) {
        InProcess kafka = new InProcess();
        server = kafka;
        broker = Optional.of(kafka.broker);
        clientProperties = kafka.broker.clientProperties();
      } else {
        KafkaContainer kafka =
            new KafkaContainer(
                DockerImageName.parse(image).asCompatibleSubstituteFor("apache/kafka"));
        kafka.start();
        server = kafka::close;
        broker = Optional.empty();
        clientProperties = Map.of("bootstrap.servers", kafka.getBootstrapServers());
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  private static final class InProcess implements Closeable {
    private final Path directory;
    private final EmbeddedKafka broker;

    InProcess() {
      try {
        directory = Files.createTempDirectory("postern-kafka");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      broker = EmbeddedKafka.start(directory, 0);
    }

    @Override
    public void close() throws IOException {
      broker.close();
      Trees.delete(directory);
    }
  }
}
