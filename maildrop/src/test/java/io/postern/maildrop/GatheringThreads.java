package io.postern.maildrop;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs what it is given at once, or, while it gathers, later: all on the caller's thread. */
final class GatheringThreads extends AbstractExecutorService {
  private final Queue<Runnable> gathered = new ArrayDeque<>();
  private boolean gathering;

  void gather() {
    gathering = true;
  }

  void run() {
    gathering = false;
    while (!gathered.isEmpty()) {
      gathered.remove().run();
    }
  }

  @Override
  public void execute(Runnable task) {
    if (gathering) {
      gathered.add(task);
    } else {
      task.run();
    }
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
