package io.postern.pipeline.work;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The tasks that other threads have for a worker's thread. */
final class Loop implements Executor {
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Runs what is there. */
  void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Waits for a task, for so long at most, and runs what is there then. */
  void await(Duration timeout) {
    try {
      Runnable task = tasks.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (task != null) {
        task.run();
        run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
