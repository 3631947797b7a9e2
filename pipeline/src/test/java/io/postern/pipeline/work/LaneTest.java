package io.postern.pipeline.work;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.pipeline.CopySet;
import io.postern.pipeline.Slice;
import io.postern.pipeline.Slice.Mark;
import io.postern.pipeline.SliceCodec;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.work.DeadReason.Category;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class LaneTest {
  private static final Duration SENDER_TIMEOUT = Duration.ofMinutes(10);

  private final Ulids ids = new Ulids(InstantSource.system(), new SecureRandom());
  private final String mailbox = ids.next();
  private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final List<FakeJob> jobs = new ArrayList<>();
  private final List<FakeJob> deadLetters = new ArrayList<>();
  private final Budget budget = new Budget(10);
  private final Lane lane = lane();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** Notes what it was given and ends as the test says. */
  private static final class FakeJob implements Job {
    final List<Integer> taken = new ArrayList<>();
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    final DeadReason reason;
    boolean dropped;
    boolean unconfirmed;

    FakeJob(DeadReason reason) {
      this.reason = reason;
    }

    @Override
    public void take(Delivery delivery) {
      unconfirmed |= delivery.unconfirmed();
      taken.add(delivery.slice() == null ? -1 : delivery.slice().sequence());
    }

    @Override
    public CompletionStage<Outcome> outcome() {
      return outcome;
    }

    @Override
    public void drop() {
      dropped = true;
    }
  }

  @Test
  void commitsWhatIsFinishedAndNothingAboveTheFirstUnfinished() {
    String slow = ids.next();
    String quick = ids.next();
    accept(slow, "a", 0, Mark.MORE);
    accept(quick, "a", 0, Mark.LAST);
    finish(jobs.get(1), Outcome.DONE);
    assertThat(lane.mark()).isZero();

    accept(slow, "a", 1, Mark.LAST);
    assertThat(jobs.get(0).taken).containsExactly(0, 1);
    assertThat(lane.isBusy()).isTrue();
    finish(jobs.get(0), Outcome.DONE);

    assertThat(lane.mark()).isEqualTo(3);
    assertThat(lane.isBusy()).isFalse();
  }

  @Test
  void letsAMessageWaitForRoomAndReadsItAgain() {
    String first = ids.next();
    String second = ids.next();
    accept(first, "a", 0, Mark.MORE);
    accept(second, "a", 0, Mark.MORE);
    accept(second, "a", 1, Mark.LAST);
    assertThat(jobs).hasSize(1);
    assertThat(lane.rewind()).isEmpty();

    accept(first, "a", 1, Mark.LAST);
    finish(jobs.get(0), Outcome.DONE);
    readAgain();

    assertThat(jobs.get(1).taken).containsExactly(0, 1);
    finish(jobs.get(1), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(4);
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void triesAgainFromTheFirstSliceWhatFailedForNow() {
    String message = ids.next();
    accept(message, "a", 0, Mark.MORE);
    accept(message, "a", 1, Mark.LAST);
    finish(jobs.get(0), Outcome.retry("away"));
    assertThat(jobs.get(0).dropped).isTrue();

    readAgain();

    assertThat(jobs.get(1).taken).containsExactly(0, 1);
    finish(jobs.get(1), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(2);
  }

  @Test
  void carriesAllSlicesToTheDeadLettersAlsoThoseThatComeLater() {
    String message = ids.next();
    DeadReason reason = DeadReason.of(Category.DAMAGED, "broken");
    accept(message, "a", 0, Mark.MORE);
    accept(message, "a", 1, Mark.MORE);
    finish(jobs.get(0), Outcome.dead(reason));
    readAgain();
    accept(message, "a", 2, Mark.LAST);

    assertThat(deadLetters)
        .singleElement()
        .satisfies(
            job -> {
              assertThat(job.reason).isEqualTo(reason);
              assertThat(job.taken).containsExactly(0, 1, 2);
            });
    assertThat(lane.mark()).isZero();
    finish(deadLetters.get(0), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(3);
  }

  @Test
  void aMalformedRecordIsADeadLetterAndNothingMore() {
    append("?".getBytes(US_ASCII), new RecordHeaders(), new byte[] {1});
    lane.accept(Delivery.of(log.get(0)));
    assertThat(deadLetters)
        .singleElement()
        .satisfies(
            job -> {
              assertThat(job.reason.category()).isEqualTo(Category.MALFORMED);
              assertThat(job.taken).containsExactly(-1);
            });
    finish(deadLetters.get(0), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(1);
  }

  @Test
  void dropsWhatIsVoid() {
    String aborted = ids.next();
    String incomplete = ids.next();
    accept(aborted, "a", 0, Mark.MORE);
    accept(aborted, "a", 1, Mark.ABORTED);
    accept(incomplete, "a", 0, Mark.MORE);
    accept(incomplete, "a", 2, Mark.LAST);
    accept(ids.next(), "a", 5, Mark.LAST);
    assertThat(jobs).hasSize(2).allMatch(job -> job.dropped);
    assertThat(lane.mark()).isEqualTo(5);
  }

  @Test
  void theFirstCompleteAttemptWins() {
    String message = ids.next();
    accept(message, "a", 0, Mark.MORE);
    accept(message, "b", 0, Mark.LAST);
    finish(jobs.get(1), Outcome.DONE);
    assertThat(jobs.get(0).dropped).isTrue();
    assertThat(lane.mark()).isEqualTo(2);
  }

  @Test
  void dropsSilentSendersByTheTimeOfTheLogNotOfTheClock() {
    String silent = ids.next();
    accept(silent, "a", 0, Mark.MORE);
    Instant first = now;
    lane.expire(SENDER_TIMEOUT);
    assertThat(jobs.get(0).dropped).as("more may wait in the log").isFalse();

    now = first.plus(SENDER_TIMEOUT).plusMillis(1);
    accept(ids.next(), "a", 0, Mark.LAST);
    lane.expire(SENDER_TIMEOUT);

    assertThat(jobs.get(0).dropped).isTrue();
    assertThat(lane.mark()).isEqualTo(1);
  }

  @Test
  void dropsSilentSendersByTheClockWhereTheLogHasBeenReadToItsEnd() {
    accept(ids.next(), "a", 0, Mark.MORE);
    lane.caughtUp(now.plus(SENDER_TIMEOUT).plusMillis(1));
    lane.expire(SENDER_TIMEOUT);
    assertThat(lane.mark()).isEqualTo(1);
  }

  @Test
  void keepsAMessageWhoseSenderVanishedBeforeTheOutcomeWasKnown() {
    String open = ids.next();
    accept(open, "a", 0, Mark.MORE);
    accept(open, "a", 1, Mark.PREPARED);
    accept(open, "a", 2, Mark.PREPARED);
    lane.caughtUp(now.plus(SENDER_TIMEOUT).plusMillis(1));
    lane.expire(SENDER_TIMEOUT);
    assertThat(jobs.get(0).dropped).as("its copy has paused for too long").isTrue();
    assertThat(lane.mark()).isZero();

    readAgain();

    assertThat(jobs.get(1).taken).containsExactly(0, 1, 2, 3);
    assertThat(jobs.get(1).unconfirmed).isTrue();
    assertThat(lane.isBusy()).isTrue();
    finish(jobs.get(1), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(3);
  }

  @Test
  void doesNotMissASignOfLifeThatWasLost() {
    String message = ids.next();
    accept(message, "a", 0, Mark.PREPARED);
    accept(message, "a", 2, Mark.LAST);
    assertThat(jobs.get(0).taken).containsExactly(0, 2);
    finish(jobs.get(0), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(2);
  }

  @Test
  void triesAgainWhatIsKeptWithoutItsOutcome() {
    String open = ids.next();
    accept(open, "a", 0, Mark.PREPARED);
    lane.caughtUp(now.plus(SENDER_TIMEOUT).plusMillis(1));
    lane.expire(SENDER_TIMEOUT);
    readAgain();
    finish(jobs.get(1), Outcome.retry("away"));
    lane.expire(SENDER_TIMEOUT);

    readAgain();

    assertThat(jobs.get(2).taken).containsExactly(0, 1);
    finish(jobs.get(2), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(1);
  }

  @Test
  void anOutcomeThatComesLateStillCountsWhereNothingWasMadeOfItsAbsence() {
    String taken = ids.next();
    String refused = ids.next();
    accept(taken, "a", 0, Mark.PREPARED);
    accept(refused, "a", 0, Mark.PREPARED);
    lane.caughtUp(now.plus(SENDER_TIMEOUT).plusMillis(1));
    lane.expire(SENDER_TIMEOUT);
    accept(taken, "a", 1, Mark.LAST);
    accept(refused, "a", 1, Mark.ABORTED);

    readAgain();

    assertThat(jobs).as("the refused one had to wait for room").hasSize(2);
    assertThat(jobs.get(1).taken).containsExactly(0, 1);
    assertThat(jobs.get(1).unconfirmed).isFalse();
    finish(jobs.get(1), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(4);
  }

  @Test
  void anOutcomeThatComesTooLateChangesNothing() {
    String open = ids.next();
    accept(open, "a", 0, Mark.PREPARED);
    lane.caughtUp(now.plus(SENDER_TIMEOUT).plusMillis(1));
    lane.expire(SENDER_TIMEOUT);
    readAgain();
    accept(open, "a", 1, Mark.LAST);
    assertThat(jobs.get(1).taken).containsExactly(0, 1);
    finish(jobs.get(1), Outcome.DONE);
    assertThat(lane.mark()).isEqualTo(2);
  }

  @Test
  void aJobThatThrowsMakesADeadLetterAndHarmsNobodyElse() {
    String message = ids.next();
    accept(message, "a", 0, Mark.MORE);
    jobs.get(0).outcome.completeExceptionally(new IllegalStateException("defect"));
    runLoop();
    readAgain();
    assertThat(deadLetters.get(0).reason.category()).isEqualTo(Category.INTERNAL);
  }

  @Test
  void aClosedLaneHearsNothingMore() {
    accept(ids.next(), "a", 0, Mark.LAST);
    lane.close();
    assertThat(jobs.get(0).dropped).isTrue();
    finish(jobs.get(0), Outcome.DONE);
    assertThat(lane.mark()).isZero();
  }

  private Lane lane() {
    Job.Factory factory =
        new Job.Factory() {
          @Override
          public String unit(Slice slice) {
            return slice.messageId();
          }

          @Override
          public Optional<Job> open(Delivery first, Job.Past past) {
            FakeJob job = new FakeJob(null);
            jobs.add(job);
            return Optional.of(job);
          }

          @Override
          public long heldBytes(Delivery first) {
            return 8;
          }
        };
    Lane.Context context =
        new Lane.Context(
            factory,
            reason -> {
              deadLetters.add(new FakeJob(reason));
              return deadLetters.get(deadLetters.size() - 1);
            },
            budget,
            loop::add,
            outcome -> {});
    return new Lane(context, new Lane.Start(0, 0, Instant.EPOCH, since -> new CopySet()));
  }

  private void accept(String messageId, String attempt, int sequence, Mark mark) {
    Slice slice = Slice.sealed(messageId, mailbox, attempt, sequence, mark, 168, new byte[] {1});
    append(
        messageId.getBytes(US_ASCII), new RecordHeaders(SliceCodec.headers(slice)), slice.octets());
    lane.accept(Delivery.of(log.get(log.size() - 1)));
  }

  private void append(byte[] key, RecordHeaders headers, byte[] value) {
    log.add(
        new ConsumerRecord<>(
            "sealed",
            0,
            log.size(),
            now.toEpochMilli(),
            TimestampType.CREATE_TIME,
            key.length,
            value.length,
            key,
            value,
            headers,
            Optional.empty()));
  }

  private void finish(FakeJob job, Outcome outcome) {
    job.outcome.complete(outcome);
    runLoop();
  }

  private void runLoop() {
    while (!loop.isEmpty()) {
      loop.poll().run();
    }
  }

  /** What a worker does where a lane wishes to read again. */
  private void readAgain() {
    OptionalLong from = lane.rewind();
    assertThat(from).isPresent();
    for (long i = from.getAsLong(); i < log.size(); i++) {
      lane.accept(Delivery.of(log.get((int) i)));
    }
  }
}
