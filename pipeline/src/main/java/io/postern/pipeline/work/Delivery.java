package io.postern.pipeline.work;

import io.postern.pipeline.MalformedException;
import io.postern.pipeline.Slice;
import io.postern.pipeline.SliceCodec;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record as a worker reads it.
 *
 * @param record as Kafka gave it
 * @param slice what it says, or null where it does not parse
 * @param flaw why it does not parse, or null
 */
public record Delivery(ConsumerRecord<byte[], byte[]> record, Slice slice, String flaw) {
  public static Delivery of(ConsumerRecord<byte[], byte[]> record) {
    try {
      return new Delivery(record, SliceCodec.decode(record), null);
    } catch (MalformedException e) {
      return new Delivery(record, null, e.getMessage());
    }
  }

  /** When the record was produced. */
  public Instant producedAt() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** A malformed record is a message of its own: it starts and ends with itself. */
  boolean isFirst() {
    return slice == null || slice.isFirst();
  }

  boolean isLast() {
    return slice == null || slice.isLast();
  }

  boolean isAborted() {
    return slice != null && slice.isAborted();
  }

  long offset() {
    return record.offset();
  }
}
