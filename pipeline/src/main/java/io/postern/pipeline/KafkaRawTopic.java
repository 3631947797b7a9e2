package io.postern.pipeline;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;

/** Topic {@code raw} as {@code ingest} sees it. Thread-safe. */
public final class KafkaRawTopic implements RawTopic, AutoCloseable {
  private final KafkaOutbox outbox;
  private final String topic;
  private final RawSettings settings;
  private final Supplier<TransitKey> transitKey;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Ulids ids;

  /**
   * @param kafka client settings
   * @param transitKey the one to seal to now; may change while this runs
   */
  public KafkaRawTopic(
      Map<String, Object> kafka,
      Topics topics,
      RawSettings settings,
      Supplier<TransitKey> transitKey,
      InstantSource clock,
      SecureRandom random) {
    this.outbox = new KafkaOutbox(kafka, "raw", settings.patience(), Map.of());
    this.topic = topics.raw();
    this.settings = settings;
    this.transitKey = transitKey;
    this.clock = clock;
    this.random = random;
    this.ids = new Ulids(clock, random);
  }

  @Override
  public Submission begin(Envelope envelope) {
    String messageId = ids.next();
    return new SealedSubmission(
        messageId,
        envelope,
        transitKey.get(),
        outbox.run(topic, messageId),
        settings,
        clock,
        random);
  }

  @Override
  public void close() {
    outbox.close();
  }
}
