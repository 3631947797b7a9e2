package io.postern.pipeline;

import io.postern.age.Sealer;
import io.postern.pipeline.PipelineException.Category;
import io.postern.pipeline.Slice.Mark;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A message on its way into {@code raw}. It is sealed to the transit key on the caller's thread;
 * acknowledgements arrive on a thread of the producer and meet the caller under the lock.
 */
final class SealedSubmission implements Submission {
  private static final byte[] NOTHING = new byte[0];

  /**
   * A slice that took longer leaves with one chunk: a thousand slow senders would else hold a
   * thousand whole ones.
   */
  private static final long SLOW_MS = 1000;

  private final String messageId;
  private final List<String> mailboxIds;
  private final String transitKeyId;
  private final String attempt;
  private final Outbox.Run run;
  private final RawSettings settings;
  private final SharedRoom room;
  private final InstantSource clock;
  private final Sealer sealer;
  private final Slicer slicer;

  private long lastSentMs;
  private boolean ended;
  private boolean decided;

  // Under the lock: what acknowledgements meet.
  private int sequence;
  private int unacknowledged;
  private long lastAcknowledgedMs;
  private PipelineException failure;
  private CompletableFuture<Void> writable = CompletableFuture.completedFuture(null);
  private final CompletableFuture<Void> prepared = new CompletableFuture<>();
  private final CompletableFuture<Void> committed = new CompletableFuture<>();

  SealedSubmission(
      String messageId,
      Envelope envelope,
      TransitKey key,
      Outbox.Run run,
      RawSettings settings,
      SharedRoom room,
      InstantSource clock,
      SecureRandom random) {
    this.messageId = messageId;
    this.mailboxIds = envelope.copies().stream().map(Envelope.Copy::mailboxId).distinct().toList();
    this.transitKeyId = key.id();
    this.attempt = HexFormat.of().toHexDigits(random.nextLong());
    this.run = run;
    this.settings = settings;
    this.room = room;
    this.clock = clock;
    this.sealer = new Sealer(List.of(key.recipient()), random);
    this.slicer = new Slicer(settings.sliceBytes(), octets -> publish(Mark.MORE, octets));
    this.lastSentMs = clock.millis();
    byte[] block = EnvelopeCodec.encode(envelope);
    sealer.update(block, 0, block.length, slicer);
  }

  @Override
  public String messageId() {
    return messageId;
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    if (ended || failure() != null) {
      return;
    }
    sealer.update(octets, offset, length, slicer);
    long silentMs = clock.millis() - lastSentMs;
    if (silentMs >= SLOW_MS && slicer.hasChunk()) {
      publish(Mark.MORE, slicer.rest());
    } else if (silentMs >= settings.keepAlive().toMillis() && hasSent()) {
      publish(Mark.MORE, NOTHING);
    }
  }

  @Override
  public boolean writable() {
    return fewUnacknowledged() && room.isFree();
  }

  private synchronized boolean fewUnacknowledged() {
    return unacknowledged < settings.maxUnacknowledged();
  }

  @Override
  public CompletionStage<Void> whenWritable() {
    return whenFewUnacknowledged()
        .thenCompose(
            few ->
                room.isFree()
                    ? CompletableFuture.completedFuture(null)
                    : room.whenFree().thenCompose(free -> whenWritable()));
  }

  private synchronized CompletableFuture<Void> whenFewUnacknowledged() {
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    if (fewUnacknowledged()) {
      return CompletableFuture.completedFuture(null);
    }
    if (writable.isDone()) {
      writable = new CompletableFuture<>();
    }
    return writable;
  }

  @Override
  public CompletionStage<Void> prepare() {
    if (!ended && failure() == null) {
      ended = true;
      sealer.finish(slicer);
      publish(Mark.PREPARED, slicer.rest());
    }
    return prepared;
  }

  @Override
  public void keepAlive() {
    if (ended
        && !decided
        && failure() == null
        && clock.millis() - lastSentMs >= settings.keepAlive().toMillis()) {
      publish(Mark.PREPARED, NOTHING);
    }
  }

  @Override
  public CompletionStage<Void> commit() {
    if (!decided && failure() == null) {
      decided = true;
      if (ended) {
        publish(Mark.LAST, NOTHING);
      } else {
        ended = true;
        sealer.finish(slicer);
        publish(Mark.LAST, slicer.rest());
      }
    }
    return committed;
  }

  @Override
  public void abort() {
    if (decided) {
      return;
    }
    decided = true;
    fail(new PipelineException(Category.REFUSED, "the sender took the message back", null));
  }

  private synchronized boolean hasSent() {
    return sequence > 0;
  }

  private synchronized PipelineException failure() {
    return failure;
  }

  private void publish(Mark mark, byte[] octets) {
    Slice slice;
    synchronized (this) {
      unacknowledged++;
      slice = slice(sequence++, mark, octets);
    }
    lastSentMs = clock.millis();
    room.take(octets.length);
    run.send(SliceCodec.headers(slice), octets)
        .whenComplete((done, error) -> acknowledged(slice, error));
  }

  private Slice slice(int number, Mark mark, byte[] octets) {
    return Slice.raw(messageId, mailboxIds, attempt, number, mark, transitKeyId, octets);
  }

  private void acknowledged(Slice slice, Throwable error) {
    CompletableFuture<Void> complete = null;
    PipelineException reason = null;
    synchronized (this) {
      unacknowledged--;
      long now = clock.millis();
      if (error != null) {
        reason = KafkaErrors.translate(error);
      } else if (!slice.isFirst() && now - lastAcknowledgedMs > maxSilenceMs()) {
        // The workers may have given the message up meanwhile.
        reason = new PipelineException(Category.UNAVAILABLE, "Kafka: too slow", null);
      }
      lastAcknowledgedMs = now;
      if (failure == null && reason == null) {
        complete = completedBy(slice);
      }
    }
    if (reason != null) {
      fail(slice, reason);
    } else if (complete != null) {
      complete.complete(null);
    }
    room.giveBack(slice.octets().length);
  }

  private CompletableFuture<Void> completedBy(Slice slice) {
    return switch (slice.mark()) {
      case LAST -> committed;
      case PREPARED -> prepared;
      case MORE, ABORTED -> fewUnacknowledged() ? writable : null;
    };
  }

  /**
   * What is prepared stays: a decision that does not reach the log must never become its contrary,
   * and workers keep what they hear no more of.
   */
  private void fail(Slice slice, PipelineException reason) {
    if (!prepared.isDone()) {
      fail(reason);
    } else if (slice.isLast()) {
      committed.completeExceptionally(reason);
    }
  }

  private long maxSilenceMs() {
    return RawSettings.maxSilence(settings.senderTimeout()).toMillis();
  }

  /** Once: everything that waits fails, and what is in the log already is declared void. */
  private void fail(PipelineException reason) {
    CompletableFuture<Void> waiting;
    Slice marker;
    synchronized (this) {
      if (failure != null || committed.isDone()) {
        return;
      }
      failure = reason;
      waiting = writable;
      marker = slice(sequence, Mark.ABORTED, NOTHING);
    }
    if (!marker.isFirst()) {
      run.send(SliceCodec.headers(marker), NOTHING);
    }
    prepared.completeExceptionally(reason);
    committed.completeExceptionally(reason);
    waiting.completeExceptionally(reason);
  }
}
