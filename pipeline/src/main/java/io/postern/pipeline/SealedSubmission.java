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

  private final String messageId;
  private final List<String> mailboxIds;
  private final String transitKeyId;
  private final String attempt;
  private final Outbox.Run run;
  private final RawSettings settings;
  private final InstantSource clock;
  private final Sealer sealer;
  private final Slicer slicer;

  private long lastSentMs;
  private boolean ended;

  // Under the lock: what acknowledgements meet.
  private int sequence;
  private int unacknowledged;
  private long lastAcknowledgedMs;
  private PipelineException failure;
  private CompletableFuture<Void> writable = CompletableFuture.completedFuture(null);
  private final CompletableFuture<Void> committed = new CompletableFuture<>();

  SealedSubmission(
      String messageId,
      Envelope envelope,
      TransitKey key,
      Outbox.Run run,
      RawSettings settings,
      InstantSource clock,
      SecureRandom random) {
    this.messageId = messageId;
    this.mailboxIds = envelope.copies().stream().map(Envelope.Copy::mailboxId).distinct().toList();
    this.transitKeyId = key.id();
    this.attempt = HexFormat.of().toHexDigits(random.nextLong());
    this.run = run;
    this.settings = settings;
    this.clock = clock;
    this.sealer = new Sealer(List.of(key.recipient()), random);
    this.slicer = new Slicer(settings.sliceBytes(), octets -> publish(Mark.MORE, octets));
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
    if (hasSent() && clock.millis() - lastSentMs >= settings.keepAlive().toMillis()) {
      publish(Mark.MORE, NOTHING);
    }
  }

  @Override
  public synchronized boolean writable() {
    return unacknowledged < settings.maxUnacknowledged();
  }

  @Override
  public synchronized CompletionStage<Void> whenWritable() {
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    if (writable()) {
      return CompletableFuture.completedFuture(null);
    }
    if (writable.isDone()) {
      writable = new CompletableFuture<>();
    }
    return writable;
  }

  @Override
  public CompletionStage<Void> commit() {
    if (!ended && failure() == null) {
      ended = true;
      sealer.finish(slicer);
      publish(Mark.LAST, slicer.rest());
    }
    return committed;
  }

  @Override
  public void abort() {
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
    run.send(SliceCodec.headers(slice), octets)
        .whenComplete((done, error) -> acknowledged(slice, error));
  }

  private Slice slice(int number, Mark mark, byte[] octets) {
    return Slice.raw(messageId, mailboxIds, attempt, number, mark, transitKeyId, octets);
  }

  private void acknowledged(Slice slice, Throwable error) {
    CompletableFuture<Void> waiting = null;
    PipelineException reason = null;
    boolean complete;
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
      complete = reason == null && slice.isLast() && failure == null;
      if (writable() && failure == null) {
        waiting = writable;
      }
    }
    if (reason != null) {
      fail(reason);
    } else if (complete) {
      committed.complete(null);
    } else if (waiting != null) {
      waiting.complete(null);
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
    committed.completeExceptionally(reason);
    waiting.completeExceptionally(reason);
  }
}
