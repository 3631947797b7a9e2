package io.postern.proxy;

import io.postern.pipeline.Fact;
import io.postern.pipeline.Submission;
import io.postern.proxy.Archive.Unavailable;
import io.postern.wire.Peer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One copy on its way into topic raw. What the producer's thread completes is brought to the
 * connection's event loop.
 */
final class PipelineCopy implements Archive.Copy {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineCopy.class);

  private final Submission submission;
  private final String mailboxId;
  private final Proxy.Parts parts;
  private final Route route;
  private final ProxyMeters meters;
  private final OpenCopies open;
  private final Peer peer;
  private long sizeBytes;

  PipelineCopy(
      Submission submission,
      String mailboxId,
      Proxy.Parts parts,
      Route route,
      ProxyMeters meters,
      OpenCopies open,
      Peer peer) {
    this.submission = submission;
    this.mailboxId = mailboxId;
    this.parts = parts;
    this.route = route;
    this.meters = meters;
    this.open = open;
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
    return orUnavailable(submission.whenWritable());
  }

  @Override
  public CompletionStage<Void> prepare() {
    open.add(this);
    return orUnavailable(submission.prepare());
  }

  @Override
  public String messageId() {
    return submission.messageId();
  }

  @Override
  public CompletionStage<Void> finish() {
    return orUnavailable(submission.commit())
        .thenAccept(
            nothing -> {
              meters.copied(sizeBytes);
              note();
            });
  }

  @Override
  public CompletionStage<Void> commit() {
    open.remove(this);
    return peer.onLoop(submission.commit())
        .handle(
            (nothing, e) -> {
              if (e == null) {
                meters.copied(sizeBytes);
                note();
              } else {
                meters.leftOpen();
                LOG.warn(
                    "{}: {} was delivered, and Kafka does not say that it knows: its copy is kept"
                        + " as unconfirmed",
                    route.name(),
                    submission.messageId());
              }
              return null;
            });
  }

  /** First the mark, then the copy; where the mark cannot be made, the workers will make it. */
  @Override
  public CompletionStage<Void> leaveOpen() {
    open.remove(this);
    meters.leftOpen();
    LOG.warn(
        "{}: nobody knows whether {} was delivered: its copy is kept as unconfirmed",
        route.name(),
        submission.messageId());
    CompletionStage<Void> kept =
        parts.ledger().write(List.of(accepted(Fact.UNCONFIRMED))).thenCompose(noted -> onLoop());
    return peer.onLoop(kept).handle((nothing, e) -> null);
  }

  private CompletionStage<Void> onLoop() {
    return peer.onLoop(CompletableFuture.<Void>completedFuture(null))
        .thenCompose(nothing -> submission.commit());
  }

  @Override
  public void abort() {
    open.remove(this);
    meters.aborted();
    submission.abort();
  }

  /** Shows life while the mail server thinks; on the connection's event loop. */
  void keepAlive() {
    peer.loop().execute(submission::keepAlive);
  }

  /** The ledger is a record, not a condition: nobody waits for it. */
  private void note() {
    parts
        .ledger()
        .write(List.of(accepted(Long.toString(sizeBytes))))
        .whenComplete(
            (nothing, e) -> {
              if (e != null) {
                LOG.warn("{} is accepted, but the ledger does not know", submission.messageId());
              }
            });
  }

  private Fact accepted(String detail) {
    return new Fact(
        Fact.Kind.ACCEPTED, submission.messageId(), mailboxId, parts.clock().instant(), detail);
  }

  private CompletionStage<Void> orUnavailable(CompletionStage<Void> stage) {
    return peer.onLoop(stage)
        .handle(
            (nothing, e) -> {
              if (e != null) {
                Throwable cause = e instanceof CompletionException ? e.getCause() : e;
                open.remove(this);
                meters.unavailable();
                LOG.warn("{}: no copy could be made: {}", route.name(), cause.getMessage());
                throw new Unavailable(cause.getMessage(), cause);
              }
              return null;
            });
  }
}
