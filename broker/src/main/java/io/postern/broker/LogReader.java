package io.postern.broker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import kafka.server.ReplicaManager;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.storage.internals.log.UnifiedLog;

/**
 * Reads from the logs of the broker what a consumer would else fetch through a socket, with the
 * same checks; committed transactions or not. For one thread.
 */
public final class LogReader {
  private final ReplicaManager replicas;
  private final ToLongFunction<UnifiedLog> readableEnd;

  /** Direct, so that it is filled from the file without another copy; as large as was needed. */
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /**
   * @param readableEnd where the records end that may be read, a batch's end
   */
  LogReader(ReplicaManager replicas, ToLongFunction<UnifiedLog> readableEnd) {
    this.replicas = replicas;
    this.readableEnd = readableEnd;
  }

  /**
   * Reads what is there and does not wait.
   *
   * @param offset of the first record to read; where the log does not reach so far, in either
   *     direction, its first record is read
   * @param maxBytes of whole batches; one is read even where it is larger
   * @return the offset after the last record read
   * @throws KafkaException what the broker would answer to a consumer
   */
  public long read(
      TopicPartition partition,
      long offset,
      int maxBytes,
      Consumer<ConsumerRecord<byte[], byte[]>> records) {
    if (Thread.currentThread().isInterrupted()) {
      // To be interrupted while reading would close the file under the broker.
      throw new InterruptException("interrupted before reading " + partition);
    }
    UnifiedLog log = replicas.localLogOrException(partition);
    boolean within = offset >= log.logStartOffset() && offset <= log.logEndOffset();
    long next = within ? offset : log.logStartOffset();
    long end = readableEnd.applyAsLong(log);
    if (next >= end) {
      return next;
    }
    for (RecordBatch batch : load(log, next, maxBytes).batches()) {
      if (batch.baseOffset() >= end) {
        break;
      }
      batch.ensureValid();
      if (!batch.isControlBatch()) {
        for (Record record : batch) {
          if (record.offset() >= next) {
            records.accept(consumed(partition, batch, record));
          }
        }
      }
      next = batch.nextOffset();
    }
    return next;
  }

  private MemoryRecords load(UnifiedLog log, long offset, int maxBytes) {
    try {
      Records records = log.read(offset, maxBytes, FetchIsolation.HIGH_WATERMARK, true).records;
      if (!(records instanceof FileRecords file)) {
        return MemoryRecords.EMPTY;
      }
      int size = file.sizeInBytes();
      if (buffer.capacity() < size) {
        buffer = ByteBuffer.allocateDirect(size);
      }
      file.readInto(buffer.clear().limit(size), 0);
      return MemoryRecords.readableRecords(buffer);
    } catch (IOException e) {
      throw new KafkaStorageException(e);
    }
  }

  private static ConsumerRecord<byte[], byte[]> consumed(
      TopicPartition partition, RecordBatch batch, Record record) {
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        record.offset(),
        record.timestamp(),
        batch.timestampType(),
        record.keySize(),
        record.valueSize(),
        record.hasKey() ? Utils.toArray(record.key()) : null,
        record.hasValue() ? Utils.toArray(record.value()) : null,
        headers(record),
        Optional.empty());
  }

  /** Kafka's own take their octets from the buffer when they are asked, which may be too late. */
  private static RecordHeaders headers(Record record) {
    RecordHeaders headers = new RecordHeaders();
    for (Header header : record.headers()) {
      headers.add(header.key(), header.value());
    }
    return headers;
  }
}
