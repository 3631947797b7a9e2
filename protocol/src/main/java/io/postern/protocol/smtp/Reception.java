package io.postern.protocol.smtp;

import io.postern.protocol.Octets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The octets of one message on their way from the client to the receiver. Once there is a reason to
 * refuse the message, the receiver gets no more of it; the client's octets are still taken, since
 * only behind them the next command begins.
 */
final class Reception implements Octets {
  private final MailReceiver.Delivery delivery;
  private final long maxBytes;
  private long sizeBytes;
  private Reply refusal;

  private Reception(MailReceiver.Delivery delivery, long maxBytes, Reply refusal) {
    this.delivery = delivery;
    this.maxBytes = maxBytes;
    this.refusal = refusal;
  }

  /** Begins a message; one that the receiver does not take is refused already. */
  static Reception begin(MailReceiver receiver, Mail mail, long maxBytes) {
    try {
      return new Reception(receiver.begin(mail), maxBytes, null);
    } catch (MailReceiver.Failure e) {
      return refused(Replies.failure(e.category()));
    }
  }

  /** Takes octets to no end. */
  static Reception refused(Reply refusal) {
    return new Reception(null, 0, refusal);
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    sizeBytes += length;
    if (sizeBytes > maxBytes) {
      refuse(Replies.TOO_LARGE);
    }
    if (refusal == null) {
      delivery.write(octets, offset, length);
    }
  }

  /** The first reason to refuse the message is the one that counts. */
  void refuse(Reply why) {
    if (refusal == null) {
      refusal = why;
      delivery.abort();
    }
  }

  boolean hasRoomFor(long moreBytes) {
    return moreBytes <= maxBytes - sizeBytes;
  }

  /** Why the message is refused; null as long as it is not. */
  Reply refusal() {
    return refusal;
  }

  boolean writable() {
    return refusal != null || delivery.writable();
  }

  /** Completes when {@link #writable} is true again, and never fails. */
  CompletionStage<Void> whenWritable() {
    return delivery
        .whenWritable()
        .exceptionally(
            e -> {
              refuse(failure(e));
              return null;
            });
  }

  /** Completes with what the client is told of the whole message, and never fails. */
  CompletionStage<Reply> finish() {
    if (refusal != null) {
      return CompletableFuture.completedFuture(refusal);
    }
    return delivery.finish().handle((id, e) -> e == null ? Replies.queued(id) : failure(e));
  }

  /** Takes the message back, where there is anything to take back. */
  void abandon() {
    if (refusal == null) {
      delivery.abort();
    }
  }

  /** Whatever is not known to be for good may get better. */
  private static Reply failure(Throwable e) {
    Throwable cause = e instanceof CompletionException ? e.getCause() : e;
    return cause instanceof MailReceiver.Failure known
        ? Replies.failure(known.category())
        : Replies.TEMPORARY;
  }
}
