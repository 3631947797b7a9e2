package io.postern.store;

import io.postern.pipeline.CopySet;
import io.postern.pipeline.Fact;
import io.postern.pipeline.FinishedCopies;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.PipelineException.Category;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The ledger: what is in it for everyone, and one writer and reader for each process. */
final class SimulatedLedger {
  private record Entry(Instant at, Fact fact) {}

  private final List<Entry> entries = new ArrayList<>();
  private final CopySet finished = new CopySet();
  private final SimulatedClock clock;

  SimulatedLedger(SimulatedClock clock) {
    this.clock = clock;
  }

  void append(Fact fact) {
    entries.add(new Entry(clock.instant(), fact));
    collect(fact, finished);
  }

  /** Whether someone has noted that a message is kept without its outcome being known. */
  boolean saysUnconfirmed(String messageId) {
    return entries.stream()
        .map(Entry::fact)
        .anyMatch(
            fact -> fact.messageId().equals(messageId) && Fact.UNCONFIRMED.equals(fact.detail()));
  }

  CopySet finishedSince(Instant since) {
    CopySet finished = new CopySet();
    for (Entry entry : entries) {
      if (!entry.at().isBefore(since)) {
        collect(entry.fact(), finished);
      }
    }
    return finished;
  }

  private static void collect(Fact fact, CopySet finished) {
    if (fact.kind() == Fact.Kind.STORED || fact.kind() == Fact.Kind.DELETED) {
      finished.add(fact.messageId(), fact.mailboxId());
    }
  }

  /** A process's side: writes and questions wait for the simulation. */
  final class Client implements Ledger, FinishedCopies {
    private final Deque<Runnable> pending = new ArrayDeque<>();
    private Random dice;
    private boolean faults;

    @Override
    public CompletionStage<Void> write(Collection<Fact> facts) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      List<Fact> copy = List.copyOf(facts);
      pending.add(
          () -> {
            boolean fails = faults && dice.nextInt(20) == 0;
            if (!fails || dice.nextBoolean()) {
              copy.forEach(SimulatedLedger.this::append);
            }
            if (fails) {
              done.completeExceptionally(
                  new PipelineException(Category.UNAVAILABLE, "simulated", null));
            } else {
              done.complete(null);
            }
          });
      return done;
    }

    @Override
    public CompletionStage<Boolean> contains(String messageId, String mailboxId) {
      CompletableFuture<Boolean> answer = new CompletableFuture<>();
      pending.add(() -> answer.complete(finished.contains(messageId, mailboxId)));
      return answer;
    }

    boolean isIdle() {
      return pending.isEmpty();
    }

    void step(Random dice, boolean faults) {
      this.dice = dice;
      this.faults = faults;
      Runnable next = pending.poll();
      if (next != null) {
        next.run();
      }
    }

    void die(Random dice) {
      this.dice = dice;
      this.faults = false;
      int arriving = dice.nextInt(pending.size() + 1);
      for (int i = 0; i < arriving; i++) {
        pending.poll().run();
      }
      pending.clear();
    }
  }
}
