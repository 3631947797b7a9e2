package io.postern.crypto;

import io.postern.age.Identity;
import io.postern.mailbox.Directory;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.Outbox;
import io.postern.pipeline.Slice;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.InFlight;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.WorkerSettings;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Opens a {@link SealingJob} for each raw message of which a copy is not stored yet. */
public final class SealingJobs implements Job.Factory {
  /**
   * A chunk of 64 KiB in each copy's sealer and, where slices end within chunks, in the opener, and
   * what keeping it costs.
   */
  private static final long HELD_BYTES_EACH = 80 * 1024;

  /**
   * What all jobs of a worker share.
   *
   * @param transit the identities of the current transit key and of earlier ones
   * @param directory who has a mailbox, and whom its mail is sealed to
   * @param outbox where copies go
   * @param sealedTopic the topic that they go to
   */
  public record Tools(
      List<Identity> transit,
      Directory directory,
      Outbox outbox,
      String sealedTopic,
      Ledger ledger,
      InstantSource clock,
      SecureRandom random,
      Executor loop,
      InFlight inFlight,
      WorkerSettings settings) {}

  private final Tools tools;
  private final Recipients recipients;

  public SealingJobs(Tools tools) {
    this.tools = tools;
    this.recipients = new Recipients(tools.directory());
  }

  @Override
  public String unit(Slice slice) {
    return slice.messageId();
  }

  @Override
  public Optional<Job> open(Delivery first, Job.Past past) {
    String messageId = first.slice().messageId();
    boolean nothingLeft =
        first.slice().mailboxIds().stream()
            .allMatch(mailboxId -> past.finished().contains(messageId, mailboxId));
    return nothingLeft
        ? Optional.empty()
        : Optional.of(new SealingJob(tools, recipients, first, past.finished()));
  }

  @Override
  public long heldBytes(Delivery first) {
    return HELD_BYTES_EACH * (1 + first.slice().mailboxIds().size());
  }
}
