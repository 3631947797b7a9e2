package io.postern.pipeline;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * How far the workers have come: their low-water marks, by partition. Below them every message is
 * finished; where a partition has none, nothing is.
 *
 * @param raw the crypto-workers'
 * @param sealed the store-workers'
 */
public record WorkerMarks(Map<Integer, Long> raw, Map<Integer, Long> sealed) {
  /** The present ones. Blocks; fails with {@link PipelineException}. */
  public static WorkerMarks read(Map<String, Object> kafka, Topics topics) {
    try (Admin admin = Admin.create(kafka)) {
      return new WorkerMarks(
          new GroupOffsets(admin, topics.raw(), topics.cryptoGroup()).committed(),
          new GroupOffsets(admin, topics.sealed(), topics.storeGroup()).committed());
    }
  }

  /** Whether a message of {@code raw} that begins there may still be under way. */
  public boolean rawUnderWay(int partition, long firstOffset) {
    return firstOffset >= raw.getOrDefault(partition, 0L);
  }

  /** Whether a copy in {@code sealed} that begins there may still be under way. */
  public boolean sealedUnderWay(int partition, long firstOffset) {
    return firstOffset >= sealed.getOrDefault(partition, 0L);
  }
}
