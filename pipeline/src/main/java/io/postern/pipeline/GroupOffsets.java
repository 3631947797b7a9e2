package io.postern.pipeline;

import static io.postern.pipeline.KafkaErrors.await;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** A group's offsets on one topic, and the topic's own, by partition. Blocking. */
final class GroupOffsets {
  private final Admin admin;
  private final String topic;
  private final String group;

  GroupOffsets(Admin admin, String topic, String group) {
    this.admin = admin;
    this.topic = topic;
    this.group = group;
  }

  /** What the group has committed; partitions without a commit are absent. */
  Map<Integer, Long> committed() {
    Map<Integer, Long> offsets = new HashMap<>();
    await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .forEach(
            (partition, offset) -> {
              if (partition.topic().equals(topic) && offset != null) {
                offsets.put(partition.partition(), offset.offset());
              }
            });
    return offsets;
  }

  Map<Integer, Long> starts() {
    return edge(OffsetSpec.earliest());
  }

  Map<Integer, Long> ends() {
    return edge(OffsetSpec.latest());
  }

  /** Deletes the topic's records below the given offsets. */
  void truncate(Map<Integer, Long> offsets) {
    Map<TopicPartition, RecordsToDelete> below = new HashMap<>();
    offsets.forEach(
        (partition, offset) ->
            below.put(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset)));
    await(admin.deleteRecords(below).all());
  }

  /** Moves the group. It must have no members: see {@link #removeMembers}. */
  void move(Map<Integer, Long> offsets) {
    if (offsets.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
    offsets.forEach(
        (partition, offset) ->
            moved.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset)));
    await(admin.alterConsumerGroupOffsets(group, moved).all());
  }

  /** Removes members that a killed process has left behind. */
  void removeMembers() {
    if (hasMembers()) {
      await(
          admin
              .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
              .all());
    }
  }

  /** Whether a worker is in the group. */
  boolean hasMembers() {
    try {
      return !await(admin.describeConsumerGroups(List.of(group)).all())
          .get(group)
          .members()
          .isEmpty();
    } catch (PipelineException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  private Map<Integer, Long> edge(OffsetSpec edge) {
    Map<Integer, Long> offsets = new HashMap<>();
    Map<TopicPartition, OffsetSpec> wanted =
        partitions().stream().collect(Collectors.toMap(partition -> partition, p -> edge));
    await(admin.listOffsets(wanted).all())
        .forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
    return offsets;
  }

  private Collection<TopicPartition> partitions() {
    return await(admin.describeTopics(List.of(topic)).allTopicNames())
        .get(topic)
        .partitions()
        .stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }
}
