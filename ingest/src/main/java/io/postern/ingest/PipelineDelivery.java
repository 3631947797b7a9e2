package io.postern.ingest;

import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.Submission;
import io.postern.protocol.smtp.MailReceiver;
import io.postern.protocol.smtp.MailReceiver.Failure;
import io.postern.wire.Peer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message on its way into topic raw. What the producer's thread completes is brought to the
 * connection's event loop.
 */
final class PipelineDelivery implements MailReceiver.Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineDelivery.class);

  private final Submission submission;
  private final List<String> mailboxIds;
  private final Ledger ledger;
  private final InstantSource clock;
  private final IngestMeters meters;
  private final Peer peer;
  private long sizeBytes;

  /**
   * A message that has begun.
   *
   * @param mailboxIds who receives it
   */
  PipelineDelivery(
      Submission submission,
      List<String> mailboxIds,
      Ingest.Parts parts,
      IngestMeters meters,
      Peer peer) {
    this.submission = submission;
    this.mailboxIds = mailboxIds;
    this.ledger = parts.ledger();
    this.clock = parts.clock();
    this.meters = meters;
    this.peer = peer;
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    sizeBytes += length;
    submission.write(octets, offset, length);
  }

  @Override
  public boolean writable() {
    return submission.writable();
  }

  @Override
  public CompletionStage<Void> whenWritable() {
    return peer.onLoop(submission.whenWritable())
        .exceptionally(
            e -> {
              throw failure(e, meters);
            });
  }

  @Override
  public CompletionStage<String> finish() {
    long startedNanos = System.nanoTime();
    return peer.onLoop(submission.commit())
        .handle(
            (nothing, e) -> {
              if (e != null) {
                throw failure(e, meters);
              }
              meters.accepted(sizeBytes, Duration.ofNanos(System.nanoTime() - startedNanos));
              note();
              return submission.messageId();
            });
  }

  @Override
  public void abort() {
    meters.aborted();
    submission.abort();
  }

  /**
   * One fact a copy, so that each can be followed. The ledger is a record, not a condition: nobody
   * waits for it.
   */
  private void note() {
    String id = submission.messageId();
    LOG.debug("{} accepted, {} octets", id, sizeBytes);
    String detail = Long.toString(sizeBytes);
    ledger
        .write(
            mailboxIds.stream()
                .map(to -> new Fact(Fact.Kind.ACCEPTED, id, to, clock.instant(), detail))
                .toList())
        .whenComplete(
            (nothing, e) -> {
              if (e != null) {
                LOG.warn("{} is accepted, but the ledger does not know", id);
              }
            });
  }

  /**
   * Nothing that the pipeline says is the sender's fault: also what Kafka refuses for good, for
   * want of rights say, can be mended here while the sender keeps the message.
   */
  static Failure failure(Throwable e, IngestMeters meters) {
    Throwable cause = e instanceof CompletionException ? e.getCause() : e;
    boolean full =
        cause instanceof PipelineException known
            && known.category() == PipelineException.Category.OVERLOADED;
    Failure failure = new Failure(full ? Failure.Category.FULL : Failure.Category.TEMPORARY, cause);
    meters.failed(failure.category());
    LOG.warn("a message could not be taken: {}", cause.getMessage());
    return failure;
  }
}
