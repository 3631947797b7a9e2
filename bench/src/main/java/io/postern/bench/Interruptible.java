package io.postern.bench;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Work that SIGINT and SIGTERM interrupt, so that it stops and removes what it has made. */
final class Interruptible {
  private Interruptible() {}

  /** Does it on this thread. The JVM ends when it has. */
  static <T> T call(Callable<T> work) throws Exception {
    Thread worker = Thread.currentThread();
    CountDownLatch over = new CountDownLatch(1);
    Thread interruption = new Thread(() -> interrupt(worker, over), "interruption");
    Runtime.getRuntime().addShutdownHook(interruption);
    try {
      return work.call();
    } finally {
      over.countDown();
    }
  }

  private static void interrupt(Thread worker, CountDownLatch over) {
    if (over.getCount() > 0) {
      worker.interrupt();
    }
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
