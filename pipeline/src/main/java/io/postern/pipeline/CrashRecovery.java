package io.postern.pipeline;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the groups of a single broker right after its process ended without a clean stop, before the
 * workers start. A power cut may have taken the unflushed ends of every log but {@code raw}: sealed
 * slices whose raw messages count as done, and records below offsets that are committed. Blocking.
 */
public final class CrashRecovery {
  private static final Logger log = LoggerFactory.getLogger(CrashRecovery.class);

  private final GroupOffsets raw;
  private final GroupOffsets sealed;

  public CrashRecovery(Admin admin, Topics topics) {
    this.raw = new GroupOffsets(admin, topics.raw(), topics.cryptoGroup());
    this.sealed = new GroupOffsets(admin, topics.sealed(), topics.storeGroup());
  }

  /**
   * Lets everything in {@code raw} be sealed again; what is stored already is skipped by the
   * ledger. Store-workers go back to the end of {@code sealed} where they were beyond it: else they
   * would skip what comes there next.
   */
  public void run() {
    removeMembers();
    Map<Integer, Long> starts = raw.starts();
    raw.move(starts);
    Map<Integer, Long> ends = sealed.ends();
    Map<Integer, Long> beyond = new HashMap<>();
    sealed
        .committed()
        .forEach(
            (partition, offset) -> {
              long end = ends.getOrDefault(partition, 0L);
              if (offset > end) {
                beyond.put(partition, end);
              }
            });
    sealed.move(beyond);
    log.info(
        "after a crash: raw is sealed again from {}, store-workers moved to {}", starts, beyond);
  }

  /**
   * Removes the members that a killed process has left in the groups, so that the workers need not
   * wait until Kafka takes them for dead. Only where no other process has workers.
   */
  public void removeMembers() {
    raw.removeMembers();
    sealed.removeMembers();
  }
}
