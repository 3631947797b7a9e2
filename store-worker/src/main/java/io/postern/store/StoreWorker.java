package io.postern.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.Kafka;
import io.postern.pipeline.KafkaOutbox;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.LedgerCheck;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.Topics;
import io.postern.pipeline.work.Worker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The store-workers of one process. Starting and closing block. */
public final class StoreWorker implements AutoCloseable {
  private static final Duration DEAD_LETTER_PATIENCE = Duration.ofSeconds(30);
  private static final long STOP_SECONDS = 10;

  private final List<Worker> workers = new ArrayList<>();
  private final KafkaOutbox outbox;
  private final ExecutorService pool;
  private final LedgerCheck check;

  /**
   * @param store stays the caller's: close it after this
   * @param sendersWait whether mail is being taken in this process, so much that it takes its time
   */
  public StoreWorker(
      Kafka kafka,
      Topics topics,
      StoreSettings settings,
      ObjectStore store,
      Ledger ledger,
      InstantSource clock,
      MeterRegistry meters,
      BooleanSupplier sendersWait) {
    AtomicInteger number = new AtomicInteger();
    pool =
        Executors.newFixedThreadPool(
            settings.storeThreads(),
            task -> {
              Thread thread = new Thread(task, "object-store-" + number.getAndIncrement());
              thread.setPriority(Thread.MIN_PRIORITY);
              return thread;
            });
    outbox = new KafkaOutbox(kafka.clients(), "dead", DEAD_LETTER_PATIENCE, Map.of());
    check = new LedgerCheck(kafka.clients(), topics, settings.worker().ledgerSlack());
    for (int i = 0; i < settings.workers(); i++) {
      Worker.Wiring wiring =
          new Worker.Wiring(
              "store-worker-" + i,
              kafka,
              topics.sealed(),
              topics.storeGroup(),
              topics.dead(),
              outbox,
              ledger,
              new LedgerReader(kafka.clients(), topics),
              clock,
              meters,
              sendersWait);
      Worker.Trade trade =
          (loop, inFlight) ->
              new StoringJobs(
                  new StoringJobs.Tools(
                      store, ledger, check, clock, pool, loop, inFlight, settings.worker()));
      workers.add(new Worker(wiring, settings.worker(), trade));
    }
  }

  public void start() {
    workers.forEach(Worker::start);
  }

  @Override
  public void close() {
    workers.parallelStream().forEach(Worker::close);
    pool.shutdown();
    try {
      if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    check.close();
    outbox.close();
  }
}
