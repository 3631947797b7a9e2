package io.postern.store;

import io.postern.pipeline.Outbox;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Header;

/** A producer whose records wait until the simulation lets them arrive, or not. */
final class SimulatedOutbox implements Outbox {
  private record Pending(
      String topic,
      String key,
      Iterable<Header> headers,
      byte[] value,
      Instant since,
      CompletableFuture<Void> acknowledged) {}

  /** A producer gives up a record that it cannot send for so long: jobs rely on that. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SimulatedLog log;
  private final InstantSource clock;
  private final Deque<Pending> pending = new ArrayDeque<>();

  SimulatedOutbox(SimulatedLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  @Override
  public Run run(String topic, String key) {
    return (headers, value) -> {
      CompletableFuture<Void> acknowledged = new CompletableFuture<>();
      pending.add(new Pending(topic, key, headers, value, clock.instant(), acknowledged));
      return acknowledged;
    };
  }

  boolean isIdle() {
    return pending.isEmpty();
  }

  /** The oldest record arrives; or it does not, or nobody hears that it did. */
  void step(Random dice, boolean faults) {
    Pending record = pending.poll();
    if (record == null) {
      return;
    }
    boolean late = clock.instant().isAfter(record.since().plus(PATIENCE));
    boolean fails = late || faults && dice.nextInt(40) == 0;
    if (!fails || !late && dice.nextBoolean()) {
      log.append(record.topic(), record.key(), record.headers(), record.value());
    }
    if (fails) {
      record
          .acknowledged()
          .completeExceptionally(new PipelineException(Category.UNAVAILABLE, "simulated", null));
    } else {
      record.acknowledged().complete(null);
    }
  }

  /** The process is killed: some of what waits is on its way already, in order. */
  void die(Random dice) {
    int arriving = dice.nextInt(pending.size() + 1);
    for (int i = 0; i < arriving; i++) {
      Pending record = pending.poll();
      log.append(record.topic(), record.key(), record.headers(), record.value());
    }
    pending.clear();
  }
}
