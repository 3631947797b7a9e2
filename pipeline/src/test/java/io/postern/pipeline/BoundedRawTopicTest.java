package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.pipeline.PipelineException.Category;
import io.postern.testkit.KafkaForTests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On a real Kafka, from which this learns what waits. */
@Timeout(60)
class BoundedRawTopicTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private static final int MAX_SLICES = 10;

  private final Topics topics = new Topics(kafka.freshPrefix(), 2, 1, 1);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger begun = new AtomicInteger();
  private Admin admin;
  private KafkaOutbox outbox;
  private BoundedRawTopic raw;

  @BeforeEach
  void setUp() {
    admin = Admin.create(kafka.clientProperties());
    new TopicCheck(admin).ensure(topics);
    outbox = new KafkaOutbox(kafka.clientProperties(), "t", Duration.ofSeconds(20), Map.of());
    raw =
        new BoundedRawTopic(
            this::begin, kafka.clientProperties(), topics, MAX_SLICES, Duration.ofHours(1), meters);
  }

  @AfterEach
  void tearDown() {
    raw.close();
    outbox.close();
    admin.close();
  }

  @Test
  void refusesMessagesWhileTooMuchWaitsAndTakesThemAgainByItself() {
    produce(MAX_SLICES - 1);
    raw.look();
    raw.begin(null);
    assertThat(begun).hasValue(1);

    assertThat(raw.hasRoom()).isTrue();
    produce(1);
    raw.look();
    assertThat(raw.hasRoom()).isFalse();
    assertThatThrownBy(() -> raw.begin(null))
        .isInstanceOf(PipelineException.class)
        .extracting(e -> ((PipelineException) e).category())
        .isEqualTo(Category.OVERLOADED);
    assertThat(meters.get("postern.raw.backlog.slices").gauge().value()).isEqualTo(MAX_SLICES);

    truncate(1);
    raw.look();
    assertThatThrownBy(() -> raw.begin(null))
        .as("nearly full is not room")
        .isInstanceOf(PipelineException.class);

    truncate(2);
    raw.look();
    assertThat(raw.hasRoom()).isTrue();
    raw.begin(null);
    assertThat(begun).hasValue(2);
  }

  private Submission begin(Envelope envelope) {
    begun.incrementAndGet();
    return null;
  }

  private void produce(int slices) {
    for (int i = 0; i < slices; i++) {
      outbox.run(topics.raw(), "key").send(List.of(), new byte[100]).join();
    }
  }

  /** All slices have one key, so they are in one partition. */
  private void truncate(long below) {
    GroupOffsets offsets = new GroupOffsets(admin, topics.raw(), topics.cryptoGroup());
    offsets
        .ends()
        .forEach(
            (partition, end) -> {
              if (end > 0) {
                offsets.truncate(Map.of(partition, below));
              }
            });
  }
}
