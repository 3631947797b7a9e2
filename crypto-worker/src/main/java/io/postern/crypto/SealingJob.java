package io.postern.crypto;

import io.postern.age.AgeException;
import io.postern.crypto.SealingJobs.Tools;
import io.postern.pipeline.CopySet;
import io.postern.pipeline.Fact;
import io.postern.pipeline.MalformedException;
import io.postern.pipeline.Outbox;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.Slice;
import io.postern.pipeline.Slice.Mark;
import io.postern.pipeline.SliceCodec;
import io.postern.pipeline.work.DeadReason;
import io.postern.pipeline.work.DeadReason.Category;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.Outcome;
import io.postern.pipeline.work.PendingAcks;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Seals one raw message to its mailboxes, one slice to each for every raw slice, so that silence
 * and speed are the sender's own. Each job is a new attempt: what an earlier one has sent is void
 * unless it was complete.
 */
final class SealingJob implements Job {
  /** The directory may learn of a mailbox a little later than the node that took its mail. */
  private static final Duration DIRECTORY_LAG = Duration.ofSeconds(10);

  private final Tools tools;
  private final String messageId;
  private final String transitKey;
  private final Instant receivedAt;
  private final String attempt;
  private final Outbox.Run run;
  private final Sealing sealing;
  private final PendingAcks acks;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private Instant lastSent;

  /** Of the next sealed slices: copies begin once the envelope is complete. */
  private int sequence;

  private boolean complete;
  private boolean dropped;

  SealingJob(Tools tools, Recipients recipients, Delivery first, CopySet finished) {
    this.tools = tools;
    this.messageId = first.slice().messageId();
    this.transitKey = first.slice().transitKey();
    this.receivedAt = first.producedAt();
    this.attempt = HexFormat.of().toHexDigits(tools.random().nextLong());
    this.run = tools.outbox().run(tools.sealedTopic(), messageId);
    this.acks = new PendingAcks(tools.loop(), tools.inFlight());
    this.sealing =
        new Sealing(
            messageId,
            tools.transit(),
            recipients,
            mailboxId -> !finished.contains(messageId, mailboxId),
            tools.random());
    acks.outcome().thenAccept(this::acknowledged);
  }

  @Override
  public void take(Delivery delivery) {
    if (outcome.isDone()) {
      return;
    }
    if (!tools.directory().ready()) {
      outcome.complete(Outcome.retry("the directory of mailboxes is behind"));
      return;
    }
    Slice slice = delivery.slice();
    try {
      sealing.update(slice.octets());
      if (slice.isLast()) {
        sealing.finish();
      }
    } catch (AgeException e) {
      outcome.complete(Outcome.dead(unopened(e)));
      return;
    } catch (MalformedException e) {
      outcome.complete(Outcome.dead(DeadReason.of(Category.DAMAGED, e.getMessage())));
      return;
    }
    if (!mailboxesMayStillAppear()) {
      if (delivery.unconfirmed()) {
        noteAndSend(slice);
      } else {
        send(slice);
      }
    }
  }

  /** That the outcome is open must be known before there is a copy that anyone can see. */
  private void noteAndSend(Slice last) {
    Instant now = tools.clock().instant();
    tools
        .ledger()
        .write(
            sealing.copies().stream()
                .map(
                    copy ->
                        new Fact(
                            Fact.Kind.ACCEPTED, messageId, copy.mailboxId(), now, Fact.UNCONFIRMED))
                .toList())
        .whenComplete((done, error) -> tools.loop().execute(() -> sendUnlessFailed(last, error)));
  }

  private void sendUnlessFailed(Slice last, Throwable error) {
    if (error != null) {
      outcome.complete(Outcome.retry(error.getMessage()));
    } else if (!dropped && !outcome.isDone()) {
      send(last);
    }
  }

  @Override
  public CompletionStage<Outcome> outcome() {
    return outcome;
  }

  /** What was sent of copies that remain incomplete is void: nobody needs to wait for the rest. */
  @Override
  public void drop() {
    dropped = true;
    sealing.close();
    if (sequence > 0 && !complete) {
      for (SealedCopy copy : sealing.copies()) {
        run.send(SliceCodec.headers(slice(copy, Mark.ABORTED, new byte[0])), new byte[0]);
      }
    }
  }

  private void send(Slice raw) {
    if (fellSilent()) {
      return;
    }
    // Whether a message counts is settled here: store-workers see complete ones only.
    Mark mark = raw.isLast() ? Mark.LAST : Mark.MORE;
    for (SealedCopy copy : sealing.copies()) {
      Slice sealed = slice(copy, mark, copy.take());
      acks.expect(run.send(SliceCodec.headers(sealed), sealed.octets()), sealed.octets().length);
    }
    if (!sealing.copies().isEmpty()) {
      sequence++;
    }
    if (raw.isLast()) {
      complete = true;
      acks.close();
    }
  }

  private Slice slice(SealedCopy copy, Mark mark, byte[] octets) {
    return Slice.sealed(
        messageId, copy.mailboxId(), attempt, sequence, mark, copy.headerLength(), octets);
  }

  private boolean mailboxesMayStillAppear() {
    Instant now = tools.clock().instant();
    if (sealing.withoutMailbox().isEmpty() || now.isAfter(receivedAt.plus(DIRECTORY_LAG))) {
      return false;
    }
    outcome.complete(Outcome.retry("a mailbox is not known yet"));
    return true;
  }

  /** A store-worker may have given this attempt up: the next one has no such gap. */
  private boolean fellSilent() {
    Instant now = tools.clock().instant();
    Duration longest = RawSettings.maxSilence(tools.settings().senderTimeout());
    if (lastSent != null && Duration.between(lastSent, now).compareTo(longest) > 0) {
      outcome.complete(Outcome.retry("this worker was stopped for too long"));
      return true;
    }
    lastSent = now;
    return false;
  }

  private void acknowledged(Outcome sent) {
    if (sent.kind() != Outcome.Kind.DONE) {
      outcome.complete(sent);
      return;
    }
    List<String> sealed = sealing.copies().stream().map(SealedCopy::mailboxId).toList();
    Instant now = tools.clock().instant();
    tools
        .ledger()
        .write(
            sealed.stream()
                .map(mailboxId -> new Fact(Fact.Kind.SEALED, messageId, mailboxId, now, null))
                .toList());
    List<String> gone = sealing.withoutMailbox();
    outcome.complete(
        gone.isEmpty()
            ? Outcome.DONE
            : Outcome.dead(new DeadReason(Category.NO_MAILBOX, "the mailbox is gone", gone)));
  }

  private DeadReason unopened(AgeException e) {
    return switch (e.category()) {
      case NO_MATCH ->
          DeadReason.of(Category.TRANSIT_KEY, "no identity here for transit key " + transitKey);
      case HEADER, HMAC, PAYLOAD, ARMOR, WORK_FACTOR, KEY ->
          DeadReason.of(Category.DAMAGED, e.category() + ": " + e.getMessage());
    };
  }
}
