package io.postern.gateway;

import java.util.concurrent.CountDownLatch;

/**
 * SIGTERM or SIGINT as a process that runs until it is told to stop sees it. The JVM ends when its
 * hooks have ended: ours lasts until this is closed.
 */
public final class StopSignal implements AutoCloseable {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * @param whenAsked runs as soon as the signal comes
   */
  public StopSignal(Runnable whenAsked) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> hold(whenAsked), "stop"));
  }

  private void hold(Runnable whenAsked) {
    asked.countDown();
    whenAsked.run();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when the process is to stop. */
  void await() throws InterruptedException {
    asked.await();
  }

  /** All is closed: the JVM may end. */
  @Override
  public void close() {
    stopped.countDown();
  }
}
