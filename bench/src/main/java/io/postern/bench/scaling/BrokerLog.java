package io.postern.bench.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * A broker's log: whatever waits when the disk is free goes to it as one batch with one flush,
 * which is why many senders cost little more than one.
 */
final class BrokerLog {
  private final Clock clock;
  private final Resource disk;
  private final Site site;
  private List<Runnable> waiting = new ArrayList<>();
  private double waitingOctets;
  private boolean writing;

  BrokerLog(Clock clock, Resource disk, Site site) {
    this.clock = clock;
    this.disk = disk;
    this.site = site;
  }

  /** Calls back once so many octets are durable. */
  void append(double octets, Runnable durable) {
    waiting.add(durable);
    waitingOctets += octets;
    write();
  }

  private void write() {
    if (writing || waiting.isEmpty()) {
      return;
    }
    writing = true;
    List<Runnable> batch = waiting;
    double seconds = waitingOctets / site.diskOctetsPerSecond();
    waiting = new ArrayList<>();
    waitingOctets = 0;
    disk.use(seconds, () -> clock.after(site.flushSeconds(), () -> flushed(batch)));
  }

  private void flushed(List<Runnable> batch) {
    writing = false;
    batch.forEach(Runnable::run);
    write();
  }
}
