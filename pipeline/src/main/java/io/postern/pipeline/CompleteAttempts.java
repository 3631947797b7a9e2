package io.postern.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Finds the complete attempts among the records of {@code raw} or {@code sealed}, which are read in
 * order; remembers those that are open, some hundred octets each. Not thread-safe.
 */
public final class CompleteAttempts {
  /**
   * A complete attempt.
   *
   * @param mailboxIds whose copies: on {@code sealed} one
   * @param firstOffset of its first record
   * @param lastOffset of its last record
   * @param octets of all its slices: on {@code sealed} the object's size
   * @param decided false where it is prepared only: whether it counts is still open, and it is
   *     found once more when that is decided
   */
  public record Found(
      String messageId,
      List<String> mailboxIds,
      String attempt,
      int partition,
      long firstOffset,
      long lastOffset,
      long octets,
      boolean decided) {}

  private record Key(int partition, String messageId, String attempt, List<String> mailboxIds) {}

  private static final class Open {
    final List<String> mailboxIds;
    final long firstOffset;
    int nextSequence;
    long octets;
    boolean prepared;

    Open(List<String> mailboxIds, long firstOffset) {
      this.mailboxIds = mailboxIds;
      this.firstOffset = firstOffset;
    }
  }

  private final boolean copies;
  private final Consumer<Found> found;
  private final Map<Key, Open> open = new HashMap<>();

  private CompleteAttempts(boolean copies, Consumer<Found> found) {
    this.copies = copies;
    this.found = found;
  }

  /** Of messages in {@code raw}: the first slice names all mailboxes. */
  public static CompleteAttempts ofMessages(Consumer<Found> found) {
    return new CompleteAttempts(false, found);
  }

  /** Of copies in {@code sealed}: each slice names its mailbox. */
  public static CompleteAttempts ofCopies(Consumer<Found> found) {
    return new CompleteAttempts(true, found);
  }

  /** Takes the next record; what is malformed belongs to nothing. */
  public void accept(ConsumerRecord<byte[], byte[]> record) {
    try {
      accept(record, SliceCodec.decode(record));
    } catch (MalformedException e) {
      // A worker makes a dead letter of it.
    }
  }

  private void accept(ConsumerRecord<byte[], byte[]> record, Slice slice) {
    Key key =
        new Key(
            record.partition(),
            slice.messageId(),
            slice.attempt(),
            copies ? slice.mailboxIds() : List.of());
    if (slice.isFirst()) {
      open.put(key, new Open(slice.mailboxIds(), record.offset()));
    }
    Open attempt = open.get(key);
    if (attempt == null || slice.sequence() < attempt.nextSequence) {
      return;
    }
    // Behind what is prepared nothing can be missed: what follows has no octets.
    if (slice.isAborted() || slice.sequence() > attempt.nextSequence && !attempt.prepared) {
      open.remove(key);
      return;
    }
    attempt.nextSequence = slice.sequence() + 1;
    attempt.octets += slice.octets().length;
    if (slice.isLast()) {
      open.remove(key);
      found.accept(found(record, slice, attempt, true));
    } else if (slice.isPrepared() && !attempt.prepared) {
      attempt.prepared = true;
      found.accept(found(record, slice, attempt, false));
    }
  }

  private static Found found(
      ConsumerRecord<byte[], byte[]> record, Slice slice, Open attempt, boolean decided) {
    return new Found(
        slice.messageId(),
        attempt.mailboxIds,
        slice.attempt(),
        record.partition(),
        attempt.firstOffset,
        record.offset(),
        attempt.octets,
        decided);
  }
}
