package io.postern.pipeline.work;

import io.postern.pipeline.MalformedException;
import io.postern.pipeline.Slice;
import io.postern.pipeline.SliceCodec;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record as a worker reads it.
 *
 * @param record as Kafka gave it
 * @param slice what it says, or null where it does not parse
 * @param flaw why it does not parse, or null
 * @param unconfirmed whether this ends a message whose sender vanished before it told the outcome:
 *     not a record of its own, but what the lane makes of the last one there is
 */
public record Delivery(
    ConsumerRecord<byte[], byte[]> record, Slice slice, String flaw, boolean unconfirmed) {
  public static Delivery of(ConsumerRecord<byte[], byte[]> record) {
    try {
      return new Delivery(record, SliceCodec.decode(record), null, false);
    } catch (MalformedException e) {
      return new Delivery(record, null, e.getMessage(), false);
    }
  }

  /** The end of a message that is complete up to this and of whose outcome nothing came. */
  Delivery concluded() {
    Slice end =
        Slice.raw(
            slice.messageId(),
            List.of(),
            slice.attempt(),
            slice.sequence() + 1,
            Slice.Mark.LAST,
            "",
            new byte[0]);
    return new Delivery(record, end, null, true);
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

  boolean isPrepared() {
    return slice != null && slice.isPrepared();
  }

  boolean isAborted() {
    return slice != null && slice.isAborted();
  }

  /** Where in its partition the record lies. */
  public long offset() {
    return record.offset();
  }

  /** The record's partition. */
  public int partition() {
    return record.partition();
  }
}
