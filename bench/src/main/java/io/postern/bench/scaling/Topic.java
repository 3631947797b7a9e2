package io.postern.bench.scaling;

import java.util.ArrayList;
import java.util.List;

/** A topic's partitions on the brokers, each with its replicas on the brokers that follow. */
final class Topic {
  private final List<List<BrokerLog>> partitions = new ArrayList<>();

  /**
   * @param flushed whether what is appended counts only once the disk has it for good
   */
  Topic(Clock clock, Site site, List<Resource> brokers, List<Resource> disks, boolean flushed) {
    for (int partition = 0; partition < site.partitions(); partition++) {
      List<BrokerLog> replicas = new ArrayList<>();
      for (int replica = 0; replica < site.replicas(); replica++) {
        int broker = (partition + replica) % brokers.size();
        replicas.add(new BrokerLog(clock, brokers.get(broker), disks.get(broker), site, flushed));
      }
      partitions.add(replicas);
    }
  }

  /**
   * Calls back once all replicas have it, the leader first.
   *
   * @param seconds of CPU time on each
   * @param octets on the disk of each
   */
  void append(int partition, double seconds, double octets, Runnable everywhere) {
    List<BrokerLog> replicas = partitions.get(partition);
    List<BrokerLog> followers = replicas.subList(1, replicas.size());
    replicas
        .get(0)
        .append(
            seconds,
            octets,
            () -> {
              int[] left = {followers.size()};
              if (followers.isEmpty()) {
                everywhere.run();
              }
              for (BrokerLog follower : followers) {
                follower.append(
                    seconds,
                    octets,
                    () -> {
                      left[0]--;
                      if (left[0] == 0) {
                        everywhere.run();
                      }
                    });
              }
            });
  }
}
