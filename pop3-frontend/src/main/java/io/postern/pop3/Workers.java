package io.postern.pop3;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.postern.protocol.pop3.MaildropException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded pool of named threads for calls that block or compute for long. What does not fit is
 * refused: a temporary failure to the peer, and counted.
 */
final class Workers implements AutoCloseable {
  private static final long STOP_SECONDS = 10;

  private final ThreadPoolExecutor pool;
  private final int maxQueued;
  private final Counter refused;

  /**
   * A pool.
   *
   * @param name of the pool in metrics and of its threads
   * @param maxQueued how many new calls may wait for a thread
   */
  Workers(String name, int threads, int maxQueued, MeterRegistry registry) {
    AtomicInteger made = new AtomicInteger();
    this.maxQueued = maxQueued;
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, name + "-" + made.incrementAndGet()));
    pool.allowCoreThreadTimeOut(true);
    this.refused = registry.counter("postern.workers.refused", "pool", name);
    Gauge.builder("postern.workers.queued", pool, p -> p.getQueue().size())
        .tag("pool", name)
        .register(registry);
  }

  /** New work: refused with {@link MaildropException.Category#TEMPORARY} where too much waits. */
  <T> CompletableFuture<T> begin(Callable<T> call) {
    if (pool.getQueue().size() >= maxQueued) {
      refused.increment();
      return CompletableFuture.failedFuture(
          new MaildropException(MaildropException.Category.TEMPORARY, null));
    }
    return goOn(call);
  }

  /**
   * More of the work that was begun: not refused, since one session has one such call at a time.
   */
  <T> CompletableFuture<T> goOn(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      pool.execute(() -> run(call, result));
    } catch (RejectedExecutionException e) { // The service stops.
      result.completeExceptionally(new MaildropException(MaildropException.Category.TEMPORARY, e));
    }
    return result;
  }

  private static <T> void run(Callable<T> call, CompletableFuture<T> result) {
    try {
      result.complete(call.call());
    } catch (Throwable e) { // Whoever waits must hear of anything.
      result.completeExceptionally(e);
    }
  }

  /** Whether a thread is free, or soon will be. */
  boolean idle() {
    return pool.getQueue().size() < pool.getMaximumPoolSize();
  }

  /** Lets what has begun come to its end. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
