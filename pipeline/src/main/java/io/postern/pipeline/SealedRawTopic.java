package io.postern.pipeline;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Supplier;

/** Topic {@code raw} as {@code ingest} sees it. Thread-safe. */
public final class SealedRawTopic implements RawTopic {
  private final Outbox outbox;
  private final String topic;
  private final RawSettings settings;
  private final SharedRoom room;
  private final Supplier<TransitKey> transitKey;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Ulids ids;

  /**
   * @param outbox stays the caller's; {@link #outbox} makes one that fits
   * @param transitKey the one to seal to now; may change while this runs
   */
  public SealedRawTopic(
      Outbox outbox,
      Topics topics,
      RawSettings settings,
      Supplier<TransitKey> transitKey,
      InstantSource clock,
      SecureRandom random) {
    this.outbox = outbox;
    this.topic = topics.raw();
    this.settings = settings;
    this.room = new SharedRoom(settings.maxInFlightBytes(), clock);
    this.transitKey = transitKey;
    this.clock = clock;
    this.random = random;
    this.ids = new Ulids(clock, random);
  }

  /** An outbox for it. */
  public static QueuedOutbox outbox(Kafka kafka, RawSettings settings) {
    return kafka.outbox("raw", settings.patience());
  }

  @Override
  public boolean sendersWait() {
    return room.isCrowded();
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
        room,
        clock,
        random);
  }
}
