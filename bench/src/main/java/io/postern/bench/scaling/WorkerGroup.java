package io.postern.bench.scaling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * A consumer group: each partition belongs to one worker, and to none while the group notices that
 * its worker has died. What a dead worker held, and what it did since its last commit, is done
 * again by the next.
 */
final class WorkerGroup {
  /** One message for a worker. */
  record Task(int partition, double octets, Runnable done) {}

  /** How a worker does a task: ends by calling back. */
  interface Work {
    void begin(Resource cores, double octets, Runnable then);
  }

  private final Clock clock;
  private final Site site;
  private final Work work;
  private final List<Worker> workers = new ArrayList<>();
  private final Worker[] owners;
  private final List<Deque<Task>> held = new ArrayList<>();

  private final class Worker {
    private final Resource threads;
    private final Resource cores;
    private final List<Task> unfinished = new ArrayList<>();
    private final Deque<Task> uncommitted = new ArrayDeque<>();
    private final Deque<Double> finishedAt = new ArrayDeque<>();
    private boolean dead;

    private Worker(Resource threads, Resource cores) {
      this.threads = threads;
      this.cores = cores;
    }

    private void take(Task task) {
      unfinished.add(task);
      threads.acquire(
          () ->
              work.begin(
                  cores,
                  task.octets,
                  () -> {
                    threads.release();
                    finish(task);
                  }));
    }

    private void finish(Task task) {
      if (dead) {
        return;
      }
      unfinished.remove(task);
      uncommitted.add(new Task(task.partition, task.octets, () -> {}));
      finishedAt.add(clock.now());
      while (finishedAt.peek() < clock.now() - site.commitSeconds()) {
        finishedAt.poll();
        uncommitted.poll();
      }
      task.done.run();
    }
  }

  /**
   * @param threads tasks of one worker at the same time
   * @param cores of each worker's machine
   */
  WorkerGroup(String name, Clock clock, Site site, int threads, List<Resource> cores, Work work) {
    this.clock = clock;
    this.site = site;
    this.work = work;
    for (int i = 0; i < cores.size(); i++) {
      workers.add(
          new Worker(new Resource(name + " " + i + ", threads", clock, threads), cores.get(i)));
    }
    owners = new Worker[site.partitions()];
    Arrays.setAll(owners, partition -> workers.get(partition % workers.size()));
    for (int i = 0; i < owners.length; i++) {
      held.add(new ArrayDeque<>());
    }
  }

  void take(Task task) {
    if (owners[task.partition] == null) {
      held.get(task.partition).add(task);
    } else {
      owners[task.partition].take(task);
    }
  }

  /** A worker dies now and does not come back. */
  void kill(int number) {
    Worker victim = workers.get(number);
    victim.dead = true;
    List<Task> again = new ArrayList<>(victim.uncommitted);
    again.addAll(victim.unfinished);
    again.forEach(task -> held.get(task.partition).add(task));
    for (int partition = 0; partition < owners.length; partition++) {
      if (owners[partition] == victim) {
        owners[partition] = null;
        int orphan = partition;
        clock.after(site.takeOverSeconds(), () -> adopt(orphan));
      }
    }
  }

  private void adopt(int partition) {
    List<Worker> living = workers.stream().filter(worker -> !worker.dead).toList();
    owners[partition] = living.get(partition % living.size());
    Deque<Task> waiting = held.get(partition);
    while (!waiting.isEmpty()) {
      owners[partition].take(waiting.poll());
    }
  }

  void eachResource(Consumer<Resource> action) {
    workers.forEach(worker -> action.accept(worker.threads));
  }
}
