package io.postern.store;

import io.postern.pipeline.work.Budget;
import io.postern.pipeline.work.DeadLetters;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.InFlight;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.Lane;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/** A worker process: real lanes and jobs, and in place of threads and Kafka single steps. */
final class SimulatedWorker {
  /** So long as no clock of the simulation goes wrong, this is enough. */
  private static final Duration LEDGER_SLACK = Duration.ofSeconds(1);

  private final String topic;
  private final SimulatedLog log;
  private final SimulatedClock clock;
  private final SimulatedLedger ledger;
  private final SimulatedLedger.Client ledgerClient;
  private final SimulatedOutbox outbox;
  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final Queue<Runnable> pool = new ArrayDeque<>();
  private final InFlight inFlight;
  private final Lane.Context context;
  private final Map<Integer, Lane> lanes = new TreeMap<>();
  private final Map<Integer, Long> positions = new TreeMap<>();

  /** Makes the jobs of one worker. */
  interface Trade {
    Job.Factory jobs(SimulatedWorker worker, InFlight inFlight);
  }

  SimulatedWorker(
      String topic,
      SimulatedLog log,
      SimulatedClock clock,
      SimulatedLedger ledger,
      Random dice,
      Trade trade) {
    this.topic = topic;
    this.log = log;
    this.clock = clock;
    this.ledger = ledger;
    this.ledgerClient = ledger.new Client();
    this.outbox = new SimulatedOutbox(log, clock);
    this.inFlight = new InFlight(1 + dice.nextInt(300_000));
    DeadLetters deadLetters =
        new DeadLetters(outbox, "dead", ledgerClient, clock, loop::add, inFlight);
    this.context =
        new Lane.Context(
            trade.jobs(this, inFlight),
            deadLetters::job,
            new Budget(1 + dice.nextInt(500)),
            loop::add,
            outcome -> {});
  }

  Executor loop() {
    return loop::add;
  }

  Executor pool() {
    return pool::add;
  }

  SimulatedLedger.Client ledger() {
    return ledgerClient;
  }

  SimulatedOutbox outbox() {
    return outbox;
  }

  boolean has(int partition) {
    return lanes.containsKey(partition);
  }

  void assign(int partition) {
    long offset = Math.max(log.committed(topic, partition), log.start(topic, partition));
    positions.put(partition, offset);
    lanes.put(
        partition,
        new Lane(
            context,
            new Lane.Start(
                offset,
                log.end(topic, partition),
                clock.instant(),
                time -> ledger.finishedSince(time.minus(LEDGER_SLACK)))));
  }

  /** Takes a partition away, in order with a commit, or so that only its next owner knows. */
  void revoke(int partition, boolean inOrder) {
    Lane lane = lanes.remove(partition);
    if (inOrder) {
      log.commit(topic, partition, lane.mark());
    }
    lane.close();
  }

  void commit() {
    lanes.forEach((partition, lane) -> log.commit(topic, partition, lane.mark()));
  }

  void expire(Duration senderTimeout) {
    lanes.forEach(
        (partition, lane) -> {
          if (positions.get(partition) >= log.end(topic, partition)) {
            lane.caughtUp(clock.instant());
          }
          lane.expire(senderTimeout);
        });
  }

  /** The process is killed: of what it had begun, some arrives and some does not. */
  void die(Random dice) {
    int arriving = dice.nextInt(pool.size() + 1);
    for (int i = 0; i < arriving; i++) {
      pool.poll().run();
    }
    outbox.die(dice);
    ledgerClient.die(dice);
    pool.clear();
    loop.clear();
    lanes.clear();
  }

  boolean isIdle() {
    boolean readAll =
        positions.entrySet().stream()
            .allMatch(e -> !has(e.getKey()) || e.getValue() >= log.end(topic, e.getKey()));
    return readAll && loop.isEmpty() && pool.isEmpty() && outbox.isIdle() && ledgerClient.isIdle();
  }

  void step(Random dice, boolean faults) {
    switch (dice.nextInt(6)) {
      case 0, 1 -> read();
      case 2 -> runNext(loop);
      case 3 -> runNext(pool);
      case 4 -> outbox.step(dice, faults);
      default -> ledgerClient.step(dice, faults);
    }
  }

  private void read() {
    lanes.forEach(
        (partition, lane) -> {
          lane.rewind().ifPresent(offset -> positions.put(partition, offset));
          if (!inFlight.isFull()) {
            log.read(topic, partition, positions.get(partition))
                .ifPresent(
                    record -> {
                      positions.put(partition, record.offset() + 1);
                      lane.accept(Delivery.of(record));
                    });
          }
        });
  }

  private static void runNext(Queue<Runnable> tasks) {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
  }
}
