package io.postern.bench.scaling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A directory store (ADR 12): while one group of files is written and then its directories are
 * flushed, both side by side, the next group gathers.
 */
final class GroupCommit implements ObjectStore {
  private static final int MAX_FILES = 512;
  private static final int MAX_THREADS = 8;

  private record Put(double octets, Runnable stored) {}

  private final Clock clock;
  private final Resource cores;
  private final Site site;
  private final Costs costs;
  private final Deque<Put> waiting = new ArrayDeque<>();
  private boolean running;

  GroupCommit(Clock clock, Resource cores, Site site, Costs costs) {
    this.clock = clock;
    this.cores = cores;
    this.site = site;
    this.costs = costs;
  }

  @Override
  public void put(double octets, Runnable stored) {
    waiting.add(new Put(octets, stored));
    if (!running) {
      commit();
    }
  }

  private void commit() {
    running = !waiting.isEmpty();
    if (!running) {
      return;
    }
    List<Put> group = new ArrayList<>();
    while (!waiting.isEmpty() && group.size() < MAX_FILES) {
      group.add(waiting.poll());
    }
    int[] left = {group.size()};
    for (int first = 0; first < Math.min(MAX_THREADS, group.size()); first++) {
      write(group, first, left);
    }
  }

  private void write(List<Put> group, int number, int[] left) {
    if (number >= group.size()) {
      return;
    }
    double octets = group.get(number).octets;
    cores.use(
        costs.put().seconds(octets),
        () ->
            clock.after(
                site.waits().putSeconds() + octets / site.waits().putOctetsPerSecond(),
                () -> {
                  left[0]--;
                  if (left[0] == 0) {
                    flushDirectories(group);
                  }
                  write(group, number + MAX_THREADS, left);
                }));
  }

  private void flushDirectories(List<Put> group) {
    int directories = Math.min(site.mailboxes(), group.size());
    int rounds = (directories + MAX_THREADS - 1) / MAX_THREADS;
    clock.after(
        rounds * site.waits().directorySeconds(),
        () -> {
          group.forEach(put -> put.stored.run());
          commit();
        });
  }
}
