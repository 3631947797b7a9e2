package io.postern.pipeline;

import static io.postern.pipeline.KafkaErrors.await;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.FLUSH_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the topics that are missing and looks at those that are there. Blocking. */
public final class TopicCheck {
  /** More than what is asked for does no harm. */
  private static final Set<String> MINIMA =
      Set.of(RETENTION_MS_CONFIG, MIN_IN_SYNC_REPLICAS_CONFIG);

  /** Tuning that an operator may have reasons to choose otherwise. */
  private static final Set<String> FREE = Set.of("segment.bytes", "max.compaction.lag.ms");

  private static final String REPLICATION = "replication factor";

  /** What a wrong setting leads to. */
  private static final Map<String, String> CONSEQUENCES =
      Map.of(
          CLEANUP_POLICY_CONFIG,
          "the wrong records would be deleted",
          RETENTION_MS_CONFIG,
          "records would be deleted too early",
          MIN_IN_SYNC_REPLICAS_CONFIG,
          "an acknowledged record could be lost with one broker",
          REPLICATION,
          "records could be lost with one broker",
          FLUSH_MESSAGES_INTERVAL_CONFIG,
          "a power cut could take acknowledged records",
          FLUSH_MS_CONFIG,
          "a power cut could take more than the last second");

  /**
   * What a look at existing topics showed.
   *
   * @param missing topics that are not there
   * @param complaints what is wrong with those that are there, one line each
   */
  public record Findings(List<String> missing, List<String> complaints) {}

  private static final int FRESH_TOPIC_ATTEMPTS = 50;
  private static final long FRESH_TOPIC_PAUSE_NANOS = 100_000_000;

  private final Admin admin;

  public TopicCheck(Admin admin) {
    this.admin = admin;
  }

  /**
   * Creates what is missing, changes nothing that is there.
   *
   * @return what is wrong with existing topics, one line each, naming topic and setting; empty
   *     where all is well
   * @throws PipelineException where Kafka does not answer or refuses
   */
  public List<String> ensure(Topics topics) {
    List<NewTopic> wanted = topics.wanted();
    create(wanted);
    return complaints(wanted, describe(names(wanted)));
  }

  /**
   * Looks at some of the topics and makes none.
   *
   * @param names which ones
   * @throws PipelineException where Kafka does not answer or refuses
   */
  public Findings look(Topics topics, Collection<String> names) {
    Map<String, TopicDescription> present = new HashMap<>();
    admin
        .describeTopics(names)
        .topicNameValues()
        .forEach(
            (name, described) -> described(described).ifPresent(topic -> present.put(name, topic)));
    List<NewTopic> there =
        topics.wanted().stream().filter(topic -> present.containsKey(topic.name())).toList();
    List<String> missing = names.stream().filter(name -> !present.containsKey(name)).toList();
    return new Findings(missing, there.isEmpty() ? List.of() : complaints(there, present));
  }

  private static Optional<TopicDescription> described(KafkaFuture<TopicDescription> description) {
    try {
      return Optional.of(await(description));
    } catch (PipelineException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static List<String> names(List<NewTopic> topics) {
    return topics.stream().map(NewTopic::name).toList();
  }

  private void create(List<NewTopic> wanted) {
    Set<String> present = await(admin.listTopics().names());
    List<NewTopic> missing = wanted.stream().filter(t -> !present.contains(t.name())).toList();
    for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
      try {
        await(created);
      } catch (PipelineException e) {
        // Another node that starts at the same time was quicker.
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  private List<String> complaints(
      List<NewTopic> wanted, Map<String, TopicDescription> descriptions) {
    List<String> complaints = new ArrayList<>();
    for (NewTopic topic : wanted) {
      int replicas = descriptions.get(topic.name()).partitions().get(0).replicas().size();
      if (replicas < topic.replicationFactor()) {
        complaints.add(line(topic, REPLICATION, replicas, topic.replicationFactor()));
      }
    }
    try {
      complaints.addAll(wrongSettings(wanted));
    } catch (PipelineException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      complaints.add(
          "the settings of the topics cannot be looked at: this user may not DescribeConfigs");
    }
    return complaints;
  }

  private List<String> wrongSettings(List<NewTopic> wanted) {
    Map<ConfigResource, Config> settings =
        await(
            admin
                .describeConfigs(
                    names(wanted).stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList())
                .all());
    List<String> complaints = new ArrayList<>();
    for (NewTopic topic : wanted) {
      Config config = settings.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
      new TreeMap<>(topic.configs())
          .forEach(
              (key, value) -> {
                String actual = config.get(key).value();
                if (!suits(key, actual, value)) {
                  complaints.add(line(topic, key, actual, value));
                }
              });
    }
    return complaints;
  }

  /** A topic that was made a moment ago may not be known to every broker yet. */
  private Map<String, TopicDescription> describe(List<String> names) {
    for (int attempt = 1; ; attempt++) {
      try {
        return await(admin.describeTopics(names).allTopicNames());
      } catch (PipelineException e) {
        boolean fresh = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!fresh || attempt == FRESH_TOPIC_ATTEMPTS) {
          throw e;
        }
        LockSupport.parkNanos(FRESH_TOPIC_PAUSE_NANOS);
      }
    }
  }

  private static boolean suits(String key, String actual, String wanted) {
    if (FREE.contains(key) || actual.equals(wanted)) {
      return true;
    }
    if (!MINIMA.contains(key)) {
      return false;
    }
    long value = Long.parseLong(actual);
    // Kafka writes "for ever" as -1.
    return value == -1 || value >= Long.parseLong(wanted);
  }

  private static String line(NewTopic topic, String setting, Object actual, Object wanted) {
    boolean minimum = MINIMA.contains(setting) || setting.equals(REPLICATION);
    String mend =
        setting.equals(REPLICATION)
            ? "kafka-reassign-partitions.sh"
            : "kafka-configs.sh --alter --topic %s --add-config %s=%s"
                .formatted(topic.name(), setting, wanted);
    return "topic %s: %s is %s, should be %s%s: %s; mend it with %s"
        .formatted(
            topic.name(),
            setting,
            actual,
            minimum ? "at least " : "",
            wanted,
            CONSEQUENCES.get(setting),
            mend);
  }
}
