package io.postern.bench.scaling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A consumer group: each partition belongs to one worker, and to none while the group notices that
 * its worker has died. What a dead worker held, and what it did since its last commit, is done
 * again by the next.
 */
final class WorkerGroup {
  private final Clock clock;
  private final Site site;
  private final List<Worker> workers;
  private final Worker[] owners;
  private final List<Deque<Worker.Task>> held = new ArrayList<>();

  WorkerGroup(Clock clock, Site site, List<Worker> workers) {
    this.clock = clock;
    this.site = site;
    this.workers = workers;
    owners = new Worker[site.partitions()];
    Arrays.setAll(owners, partition -> workers.get(partition % workers.size()));
    for (int i = 0; i < owners.length; i++) {
      held.add(new ArrayDeque<>());
    }
  }

  void take(Worker.Task task) {
    if (owners[task.partition()] == null) {
      held.get(task.partition()).add(task);
    } else {
      owners[task.partition()].take(task);
    }
  }

  /** A worker dies now and does not come back. */
  void kill(int number) {
    Worker victim = workers.get(number);
    victim.die().forEach(task -> held.get(task.partition()).add(task));
    for (int partition = 0; partition < owners.length; partition++) {
      if (owners[partition] == victim) {
        owners[partition] = null;
        int orphan = partition;
        clock.after(site.waits().takeOverSeconds(), () -> adopt(orphan));
      }
    }
  }

  private void adopt(int partition) {
    List<Worker> living = workers.stream().filter(worker -> !worker.isDead()).toList();
    owners[partition] = living.get(partition % living.size());
    Deque<Worker.Task> waiting = held.get(partition);
    while (!waiting.isEmpty()) {
      owners[partition].take(waiting.poll());
    }
  }
}
