package io.postern.bench.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * One partition's log on one broker. Whatever waits when it is free is appended as one batch with
 * one flush, which is why many senders cost little more than one.
 */
final class BrokerLog {
  private final Clock clock;
  private final Resource cores;
  private final Resource disk;
  private final Site site;
  private final boolean flushed;
  private List<Runnable> waiting = new ArrayList<>();
  private double waitingSeconds;
  private double waitingOctets;
  private boolean writing;

  /**
   * @param flushed whether what is appended counts only once the disk has it for good
   */
  BrokerLog(Clock clock, Resource cores, Resource disk, Site site, boolean flushed) {
    this.clock = clock;
    this.cores = cores;
    this.disk = disk;
    this.site = site;
    this.flushed = flushed;
  }

  /**
   * Calls back once it is there.
   *
   * @param seconds of CPU time
   * @param octets that it takes on the disk
   */
  void append(double seconds, double octets, Runnable appended) {
    waiting.add(appended);
    waitingSeconds += seconds;
    waitingOctets += octets;
    write();
  }

  private void write() {
    if (writing || waiting.isEmpty()) {
      return;
    }
    writing = true;
    List<Runnable> batch = waiting;
    double cpuSeconds = waitingSeconds;
    double diskSeconds = waitingOctets / site.waits().diskOctetsPerSecond();
    waiting = new ArrayList<>();
    waitingSeconds = 0;
    waitingOctets = 0;
    Runnable end = () -> end(batch);
    cores.use(
        cpuSeconds,
        () -> {
          if (flushed) {
            disk.use(diskSeconds, () -> clock.after(site.waits().flushSeconds(), end));
          } else {
            // Nobody waits for the disk, but it has to keep up.
            disk.use(diskSeconds, () -> {});
            end.run();
          }
        });
  }

  private void end(List<Runnable> batch) {
    writing = false;
    batch.forEach(Runnable::run);
    write();
  }
}
