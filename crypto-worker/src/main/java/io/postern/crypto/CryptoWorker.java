package io.postern.crypto;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.age.Identity;
import io.postern.mailbox.Directory;
import io.postern.pipeline.Kafka;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.Outbox;
import io.postern.pipeline.QueuedOutbox;
import io.postern.pipeline.Topics;
import io.postern.pipeline.work.Worker;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The crypto-workers of one process. Starting and closing block. */
public final class CryptoWorker implements AutoCloseable {
  private final List<Worker> workers = new ArrayList<>();
  private final QueuedOutbox outbox;

  /**
   * @param transit the identities of the current transit key and of earlier ones
   * @param sendersWait whether mail is being taken in this process, so much that it takes its time
   */
  public CryptoWorker(
      Kafka kafka,
      Topics topics,
      CryptoSettings settings,
      List<Identity> transit,
      Directory directory,
      Ledger ledger,
      InstantSource clock,
      SecureRandom random,
      MeterRegistry meters,
      BooleanSupplier sendersWait) {
    outbox = kafka.outbox("sealed", settings.patience());
    for (int i = 0; i < settings.workers(); i++) {
      Outbox bundling = outbox.bundling();
      Worker.Wiring wiring =
          new Worker.Wiring(
              "crypto-worker-" + i,
              kafka,
              topics.raw(),
              topics.cryptoGroup(),
              topics.dead(),
              bundling,
              ledger,
              new LedgerReader(kafka.clients(), topics),
              clock,
              meters,
              sendersWait);
      Worker.Trade trade =
          (loop, inFlight) ->
              new SealingJobs(
                  new SealingJobs.Tools(
                      transit,
                      directory,
                      bundling,
                      topics.sealed(),
                      ledger,
                      clock,
                      random,
                      loop,
                      inFlight,
                      settings.worker()));
      workers.add(new Worker(wiring, settings.worker(), trade));
    }
  }

  public void start() {
    workers.forEach(Worker::start);
  }

  @Override
  public void close() {
    workers.parallelStream().forEach(Worker::close);
    outbox.close();
  }
}
