package io.postern.pipeline;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.FLUSH_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.SEGMENT_BYTES_CONFIG;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * The six topics and what they need of Kafka (docs/pipeline.md).
 *
 * @param prefix in front of every topic's and group's name, so that installations can share a
 *     cluster
 * @param partitions of the topics that carry messages
 * @param replication copies of every record
 * @param minInsyncReplicas copies that must exist before a record is acknowledged
 * @param ownBroker whether the only broker runs in a process of Postern's: it flushes {@code raw}
 *     itself, and {@link CrashRecovery} runs after each crash, which makes what a power cut took of
 *     {@code sealed} anew
 */
public record Topics(
    String prefix, int partitions, int replication, int minInsyncReplicas, boolean ownBroker) {
  public static final String DEFAULT_PREFIX = "postern.";

  /** A backstop behind truncation, which must not take what waits while the workers are away. */
  private static final Duration RAW_RETENTION = Duration.ofDays(30);

  private static final Duration SEALED_RETENTION = Duration.ofDays(30);
  private static final Duration LEDGER_RETENTION = Duration.ofDays(90);
  private static final Duration COPIED_RETENTION = Duration.ofDays(400);
  private static final Duration DEAD_RETENTION = Duration.ofDays(30);

  /** Within so long the identity of a deleted mailbox is gone from the log. */
  private static final Duration COMPACTION_LAG = Duration.ofDays(7);

  /** What a power cut may take of a topic that need not be flushed before it is acknowledged. */
  private static final Duration FLUSH_INTERVAL = Duration.ofSeconds(1);

  public Topics {
    if (partitions < 1 || replication < 1) {
      throw new IllegalArgumentException("a topic needs a partition and a replica");
    }
    if (minInsyncReplicas < 1 || minInsyncReplicas > replication) {
      throw new IllegalArgumentException(
          "min.insync.replicas must lie between 1 and the replication factor");
    }
  }

  /** As on the broker in this process. */
  public Topics(String prefix, int partitions, int replication, int minInsyncReplicas) {
    this(prefix, partitions, replication, minInsyncReplicas, true);
  }

  /**
   * For the one broker in this process: one worker reads all, and each partition that a flush
   * concerns would cost a flush of its own.
   */
  public static Topics embedded() {
    return new Topics(DEFAULT_PREFIX, 1, 1, 1);
  }

  /** For a cluster of three brokers or more. */
  public static Topics cluster() {
    return new Topics(DEFAULT_PREFIX, 12, 3, 2, false);
  }

  public String raw() {
    return prefix + "raw";
  }

  public String sealed() {
    return prefix + "sealed";
  }

  public String mailboxes() {
    return prefix + "mailboxes";
  }

  public String ledger() {
    return prefix + "ledger";
  }

  public String dead() {
    return prefix + "dead";
  }

  /** What POP3 proxies have copied. */
  public String copied() {
    return prefix + "copied";
  }

  /** The names of all six. */
  public List<String> all() {
    return List.of(raw(), sealed(), mailboxes(), ledger(), dead(), copied());
  }

  /** The consumer group of the crypto-workers. */
  public String cryptoGroup() {
    return prefix + "crypto-worker";
  }

  /** The consumer group of the store-workers. */
  public String storeGroup() {
    return prefix + "store-worker";
  }

  /** All six as they are to be created. */
  List<NewTopic> wanted() {
    return List.of(
        topic(raw(), partitions, flushedUnlessOwn(kept(RAW_RETENTION))),
        topic(sealed(), partitions, flushedUnlessOwn(keptInLargeSegments(SEALED_RETENTION))),
        // One partition: its readers see the changes of all mailboxes in one order.
        topic(mailboxes(), 1, flushed(compacted())),
        topic(ledger(), partitions, flushedSoon(kept(LEDGER_RETENTION))),
        topic(dead(), 1, flushed(kept(DEAD_RETENTION))),
        topic(copied(), 1, flushedSoon(compactedAndKept(COPIED_RETENTION))));
  }

  private NewTopic topic(String name, int partitionCount, Map<String, String> settings) {
    settings.put(MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(minInsyncReplicas));
    return new NewTopic(name, partitionCount, (short) replication).configs(settings);
  }

  private static Map<String, String> kept(Duration retention) {
    Map<String, String> settings = new HashMap<>();
    settings.put(CLEANUP_POLICY_CONFIG, "delete");
    settings.put(RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
    // Disk space comes back, and a crashed broker reads again, one segment at a time.
    settings.put(SEGMENT_BYTES_CONFIG, Integer.toString(64 * 1024 * 1024));
    return settings;
  }

  /**
   * For what is never truncated: segments of the size that is Kafka's default. Each that is full is
   * flushed, and what else is to be flushed then waits for it.
   */
  private static Map<String, String> keptInLargeSegments(Duration retention) {
    Map<String, String> settings = kept(retention);
    settings.put(SEGMENT_BYTES_CONFIG, Integer.toString(1024 * 1024 * 1024));
    return settings;
  }

  /** A key's latest record, for so long. */
  private static Map<String, String> compactedAndKept(Duration retention) {
    Map<String, String> settings = new HashMap<>();
    settings.put(CLEANUP_POLICY_CONFIG, "compact,delete");
    settings.put(RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
    return settings;
  }

  private static Map<String, String> compacted() {
    Map<String, String> settings = new HashMap<>();
    settings.put(CLEANUP_POLICY_CONFIG, "compact");
    settings.put(MAX_COMPACTION_LAG_MS_CONFIG, Long.toString(COMPACTION_LAG.toMillis()));
    return settings;
  }

  /** Where no other broker has a copy, a record that someone relies on is flushed to disk first. */
  private Map<String, String> flushed(Map<String, String> settings) {
    if (replication == 1) {
      settings.put(FLUSH_MESSAGES_INTERVAL_CONFIG, "1");
    }
    return settings;
  }

  private Map<String, String> flushedUnlessOwn(Map<String, String> settings) {
    return ownBroker ? settings : flushed(settings);
  }

  private Map<String, String> flushedSoon(Map<String, String> settings) {
    if (replication == 1) {
      settings.put(FLUSH_MS_CONFIG, Long.toString(FLUSH_INTERVAL.toMillis()));
    }
    return settings;
  }
}
