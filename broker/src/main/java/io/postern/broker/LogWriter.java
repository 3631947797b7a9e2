package io.postern.broker;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import kafka.server.ReplicaManager;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceResponse.PartitionResponse;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Appends to the logs of the broker what would else reach it through a socket: the same batches,
 * with the same checks and flushes. For one thread.
 */
public final class LogWriter {
  private static final short ACKS_ALL = -1;

  /** There is one replica: nothing is waited for but the disk. */
  private static final int TIMEOUT_MS = 30_000;

  private final ReplicaManager replicas;
  private final RequestLocal requestLocal = RequestLocal.withThreadConfinedCaching();

  /** Direct, so that it goes to the file without another copy. */
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BrokerSettings.BATCH_BYTES);

  private final Compression compression;
  private final ToLongFunction<UnifiedLog> safeEnd;

  /**
   * @param safeEnd where the records end that are as safe as their topic promises
   */
  LogWriter(ReplicaManager replicas, Compression compression, ToLongFunction<UnifiedLog> safeEnd) {
    this.replicas = replicas;
    this.compression = compression;
    this.safeEnd = safeEnd;
  }

  /**
   * Appends as many of the first of these as fit into one batch, at least one; blocks until the log
   * has them, and where its topic is flushed at once, until the disk has.
   *
   * @return how many
   * @throws KafkaException what the broker would answer to a producer
   */
  public int append(TopicPartition partition, List<ProducerRecord<byte[], byte[]>> records) {
    long now = System.currentTimeMillis();
    MemoryRecordsBuilder batch = batch(partition, now);
    int count = 0;
    for (ProducerRecord<byte[], byte[]> record : records) {
      Header[] headers = record.headers().toArray();
      if (!batch.hasRoomFor(now, record.key(), record.value(), headers)) {
        break;
      }
      batch.append(now, record.key(), record.value(), headers);
      count++;
    }
    long first = append(replicas.topicIdPartition(partition), batch.build());
    if (safeEnd.applyAsLong(replicas.localLogOrException(partition)) < first + count) {
      // Somebody else's flush has failed that was to serve for these, too.
      throw new KafkaStorageException(partition + " is not flushed");
    }
    return count;
  }

  private MemoryRecordsBuilder batch(TopicPartition partition, long now) {
    int limit = replicas.localLogOrException(partition).config().maxMessageSize();
    buffer.clear();
    return new MemoryRecordsBuilder(
        buffer,
        RecordBatch.CURRENT_MAGIC_VALUE,
        compression,
        TimestampType.CREATE_TIME,
        0,
        now,
        RecordBatch.NO_PRODUCER_ID,
        RecordBatch.NO_PRODUCER_EPOCH,
        RecordBatch.NO_SEQUENCE,
        false,
        false,
        RecordBatch.NO_PARTITION_LEADER_EPOCH,
        Math.min(limit, buffer.capacity()));
  }

  /** Returns the offset of the first record. */
  private long append(TopicIdPartition partition, MemoryRecords batch) {
    List<PartitionResponse> answers = new ArrayList<>(1);
    replicas.appendRecords(
        TIMEOUT_MS,
        ACKS_ALL,
        false,
        AppendOrigin.CLIENT,
        CollectionConverters.asScala(Map.of(partition, batch)),
        responses -> {
          answers.addAll(responses.values());
          return BoxedUnit.UNIT;
        },
        statistics -> BoxedUnit.UNIT,
        requestLocal,
        CollectionConverters.asScala(Map.of()),
        (short) 0);
    // Whoever waits for these records in a fetch is answered.
    replicas.tryCompleteActions();
    Errors error = answers.isEmpty() ? Errors.REQUEST_TIMED_OUT : answers.get(0).error;
    if (error != Errors.NONE) {
      throw error.exception();
    }
    return answers.get(0).baseOffset;
  }
}
