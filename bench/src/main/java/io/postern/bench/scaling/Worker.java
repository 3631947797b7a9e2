package io.postern.bench.scaling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One worker: a thread that reads what has come to its partitions, does its part of each message,
 * hands it on without waiting, and reads again when it is its turn.
 */
final class Worker {
  /**
   * One message for a worker.
   *
   * @param since when it came
   */
  record Task(int partition, double octets, double since, Runnable done) {}

  /** What a worker does with a message after its own part, which costs it no time. */
  interface Onward {
    void hand(Task task, Runnable then);
  }

  /** So many octets may be handed on and not be done. */
  private static final double MAX_IN_FLIGHT = 16 << 20;

  private final Clock clock;
  private final Site site;
  private final Resource cores;
  private final Resource thread;
  private final Costs.Cpu cost;
  private final Pace pace;
  private final Onward onward;
  private final Deque<Task> waiting = new ArrayDeque<>();
  private final Set<Task> unfinished = new LinkedHashSet<>();
  private final Deque<Task> uncommitted = new ArrayDeque<>();
  private final Deque<Double> finishedAt = new ArrayDeque<>();
  private double inFlight;
  private boolean resting = true;
  private boolean dead;

  /**
   * @param thread for its own part, so that one sees how busy it is
   */
  Worker(
      Clock clock,
      Site site,
      Resource cores,
      Resource thread,
      Costs.Cpu cost,
      Pace pace,
      Onward onward) {
    this.clock = clock;
    this.site = site;
    this.cores = cores;
    this.thread = thread;
    this.cost = cost;
    this.pace = pace;
    this.onward = onward;
  }

  void take(Task task) {
    waiting.add(task);
    unfinished.add(task);
    wake();
  }

  private void wake() {
    if (resting) {
      resting = false;
      turn();
    }
  }

  private void turn() {
    if (dead) {
      return;
    }
    double left = pace.leftSeconds();
    if (left > 0) {
      clock.after(left, this::turn);
    } else if (waiting.isEmpty() || inFlight >= MAX_IN_FLIGHT) {
      resting = true;
    } else {
      read();
    }
  }

  private void read() {
    Deque<Task> batch = new ArrayDeque<>();
    double octets = 0;
    double since = waiting.peek().since;
    while (!waiting.isEmpty() && octets < Pace.READ_OCTETS) {
      octets += waiting.peek().octets;
      batch.add(waiting.poll());
    }
    pace.read(octets, clock.now() - since);
    thread.acquire(() -> work(batch));
  }

  private void work(Deque<Task> batch) {
    Task task = batch.poll();
    if (task == null) {
      thread.release();
      turn();
      return;
    }
    cores.use(
        cost.seconds(task.octets),
        () -> {
          inFlight += task.octets;
          if (!dead) {
            onward.hand(task, () -> finish(task));
          }
          work(batch);
        });
  }

  private void finish(Task task) {
    inFlight -= task.octets;
    if (dead) {
      return;
    }
    unfinished.remove(task);
    uncommitted.add(new Task(task.partition, task.octets, task.since, () -> {}));
    finishedAt.add(clock.now());
    while (finishedAt.peek() < clock.now() - site.waits().commitSeconds()) {
      finishedAt.poll();
      uncommitted.poll();
    }
    task.done.run();
    wake();
  }

  boolean isDead() {
    return dead;
  }

  /** What others have to do again. */
  List<Task> die() {
    dead = true;
    List<Task> again = new ArrayList<>(uncommitted);
    again.addAll(unfinished);
    return again;
  }
}
