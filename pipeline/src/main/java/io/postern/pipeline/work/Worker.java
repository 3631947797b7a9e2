package io.postern.pipeline.work;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.postern.pipeline.Kafka;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.Outbox;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a consumer group that turns the slices of one topic into finished messages: one
 * thread that reads, hands slices to jobs and commits what is finished. It never gives up: what is
 * away is tried again.
 */
public final class Worker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** Also where there is but one partition. */
  private static final int FETCH_BYTES = 2 * 1024 * 1024;

  private static final Duration REOPEN_AFTER = Duration.ofSeconds(1);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  /**
   * What a worker reads and where it writes.
   *
   * @param sendersWait whether mail is being taken in this process, so much that it takes its time
   */
  public record Wiring(
      String name,
      Kafka kafka,
      String topic,
      String group,
      String deadTopic,
      Outbox outbox,
      Ledger ledger,
      LedgerReader ledgerReader,
      InstantSource clock,
      MeterRegistry meters,
      BooleanSupplier sendersWait) {}

  /** Makes the part in which the workers differ. */
  @FunctionalInterface
  public interface Trade {
    /**
     * @param loop runs tasks on the worker's thread, on which all jobs live
     * @param inFlight where jobs count what is not durable yet
     */
    Job.Factory jobs(Executor loop, InFlight inFlight);
  }

  private final Wiring wiring;
  private final WorkerSettings settings;
  private final Loop loop = new Loop();
  private final InFlight inFlight;
  private final Lane.Context lanes;
  private final Backoff backoff = new Backoff();
  private final Thread thread;
  private volatile boolean stopping;

  public Worker(Wiring wiring, WorkerSettings settings, Trade trade) {
    this.wiring = wiring;
    this.settings = settings;
    this.inFlight = new InFlight(settings.inFlightBytes());
    DeadLetters deadLetters =
        new DeadLetters(
            wiring.outbox(), wiring.deadTopic(), wiring.ledger(), wiring.clock(), loop, inFlight);
    this.lanes =
        new Lane.Context(
            trade.jobs(loop, inFlight),
            deadLetters::job,
            new Budget(settings.budgetBytes()),
            loop,
            this::ended);
    this.thread = new Thread(this::run, wiring.name());
    // Where mail is taken in the same process, to take it comes first.
    this.thread.setPriority(Thread.MIN_PRIORITY);
    wiring
        .meters()
        .gauge(
            "postern.worker.in.flight.bytes",
            Tags.of("worker", wiring.name()),
            inFlight,
            InFlight::bytes);
  }

  public void start() {
    thread.start();
  }

  /** Finishes what is under way, for some seconds at most, commits, and leaves the group. */
  @Override
  public void close() {
    stopping = true;
    try {
      thread.join(STOP_TIMEOUT.toMillis());
      // Only where Kafka does not answer: what is not committed is done again.
      thread.interrupt();
      thread.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!stopping) {
      try (WorkerSession session = session()) {
        session.run(() -> stopping);
      } catch (RuntimeException e) {
        log.error("{}: starts again", wiring.name(), e);
        loop.await(REOPEN_AFTER);
      }
    }
  }

  private WorkerSession session() {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    Source source =
        wiring
            .kafka()
            .logs()
            .<Source>map(logs -> new LogSource(consumer, logs, loop, FETCH_BYTES))
            .orElseGet(() -> new ConsumerSource(consumer));
    return new WorkerSession(consumer, source, wiring, settings, lanes, loop, inFlight, backoff);
  }

  private void ended(Outcome outcome) {
    wiring
        .meters()
        .counter(
            "postern.worker.jobs",
            Tags.of("worker", wiring.name(), "outcome", outcome.kind().name()))
        .increment();
    Instant now = wiring.clock().instant();
    switch (outcome.kind()) {
      case DONE -> backoff.succeeded();
      case RETRY -> {
        if (backoff.failed(now)) {
          log.warn("{}: will try again: {}", wiring.name(), outcome.cause());
        }
      }
      case DEAD -> {}
    }
  }

  private Map<String, Object> consumerSettings() {
    Map<String, Object> consumer = new HashMap<>(wiring.kafka().clients());
    consumer.put(ConsumerConfig.GROUP_ID_CONFIG, wiring.group());
    consumer.put(ConsumerConfig.CLIENT_ID_CONFIG, wiring.name());
    consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    consumer.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    // To read again waits for the fetch that is under way at the end of the log.
    consumer.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000);
    consumer.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, settings.groupProtocol());
    if (settings.groupProtocol().equals("classic")) {
      consumer.put(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          CooperativeStickyAssignor.class.getName());
      consumer.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
      consumer.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
    }
    return consumer;
  }
}
