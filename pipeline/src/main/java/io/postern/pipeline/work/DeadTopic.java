package io.postern.pipeline.work;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.pipeline.MalformedException;
import io.postern.pipeline.Slice;
import io.postern.pipeline.SliceCodec;
import io.postern.pipeline.TopicReader;
import io.postern.pipeline.Topics;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Reads the letters in topic {@code dead}. A letter is settled once it has been replayed or
 * discarded: a record in the same topic says so. Blocking; holds what letters are open and which
 * are settled, never their octets.
 */
public final class DeadTopic {
  /** Says of a record without octets that it settles the letter whose number is the value. */
  static final String SETTLES = DeadLetters.HEADER_PREFIX + "settles";

  /** How it was settled. */
  static final String SETTLED = DeadLetters.HEADER_PREFIX + "settled";

  static final int PARTITION = 0;

  /**
   * A letter.
   *
   * @param number the offset of its first record: its name among the letters
   * @param lastOffset of its last record
   * @param messageId as its records' key says; of a malformed one it need not be a ULID
   * @param category a {@link DeadReason.Category} by name; a later version may know more
   * @param text one line for people
   * @param mailboxIds the copies that are concerned, as far as they are known
   * @param ofSomeCopies whether it is about these alone, and not about the message as a whole
   * @param topic where its records came from
   * @param at when it was written
   * @param records how many records it has
   * @param octets of the sealed message
   */
  public record Letter(
      long number,
      long lastOffset,
      String messageId,
      String category,
      String text,
      List<String> mailboxIds,
      boolean ofSomeCopies,
      String topic,
      Instant at,
      int records,
      long octets) {}

  /** What tells letters that are written at the same time apart. */
  record Strand(String topic, String messageId, String attempt, List<String> mailboxIds) {}

  /** A letter of which more may come. */
  private static final class Open {
    final Letter begun;
    int records;
    long octets;

    Open(Letter begun) {
      this.begun = begun;
    }
  }

  private final Map<String, Object> kafka;
  private final Topics topics;

  public DeadTopic(Map<String, Object> kafka, Topics topics) {
    this.kafka = kafka;
    this.topics = topics;
  }

  /** Hands over every letter that is whole and not settled, in the order of their ends. */
  public void read(Consumer<Letter> letters) {
    Set<Long> settled = new HashSet<>();
    Map<Integer, Long> ends;
    try (TopicReader reader = reader()) {
      ends = reader.ends();
      reader.catchUpTo(
          ends,
          record -> {
            String number = text(record, SETTLES);
            if (!number.isEmpty()) {
              settled.add(Long.valueOf(number));
            }
          });
    }
    try (TopicReader reader = reader()) {
      Reading reading = new Reading(settled, letters);
      reader.catchUpTo(ends, reading::accept);
    }
  }

  TopicReader reader() {
    return TopicReader.from(kafka, topics.dead(), Map.of());
  }

  /** The strand that a record belongs to; its offset alone where it is malformed. */
  Strand strand(ConsumerRecord<byte[], byte[]> record, Slice slice) {
    String topic = origin(record);
    if (slice == null) {
      return new Strand(topic, "", Long.toString(record.offset()), List.of());
    }
    // On raw only the first slice names the mailboxes.
    List<String> mailboxIds = topic.equals(topics.sealed()) ? slice.mailboxIds() : List.of();
    return new Strand(topic, slice.messageId(), slice.attempt(), mailboxIds);
  }

  /** The slice in a letter's record, or null where it is malformed. */
  static Slice slice(ConsumerRecord<byte[], byte[]> record) {
    try {
      return SliceCodec.decode(record);
    } catch (MalformedException e) {
      return null;
    }
  }

  static boolean isSettlement(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(SETTLES) != null;
  }

  private static String origin(ConsumerRecord<byte[], byte[]> record) {
    return text(record, DeadLetters.ORIGIN).split("/", 2)[0];
  }

  private static String text(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }

  /** One way through the topic. */
  private final class Reading {
    private final Set<Long> settled;
    private final Consumer<Letter> letters;
    private final Map<Strand, Open> open = new HashMap<>();

    Reading(Set<Long> settled, Consumer<Letter> letters) {
      this.settled = settled;
      this.letters = letters;
    }

    void accept(ConsumerRecord<byte[], byte[]> record) {
      if (isSettlement(record)) {
        return;
      }
      Slice slice = slice(record);
      Strand strand = strand(record, slice);
      if (slice == null || slice.isFirst()) {
        open.put(strand, new Open(begin(record, slice)));
      }
      Open letter = open.get(strand);
      if (letter == null) {
        return;
      }
      letter.records++;
      letter.octets += record.value() == null ? 0 : record.value().length;
      // What is prepared is whole; its outcome is not part of a letter.
      if (slice == null || slice.isLast() || slice.isPrepared()) {
        open.remove(strand);
        end(letter, record.offset());
      }
    }

    private Letter begin(ConsumerRecord<byte[], byte[]> record, Slice slice) {
      return new Letter(
          record.offset(),
          record.offset(),
          record.key() == null ? "" : new String(record.key(), US_ASCII),
          text(record, DeadLetters.CATEGORY),
          text(record, DeadLetters.TEXT),
          mailboxIds(record, slice),
          origin(record).equals(topics.sealed()) || !text(record, DeadLetters.MAILBOXES).isEmpty(),
          origin(record),
          Instant.ofEpochMilli(record.timestamp()),
          0,
          0);
    }

    private void end(Open letter, long lastOffset) {
      Letter begun = letter.begun;
      if (settled.contains(begun.number())) {
        return;
      }
      letters.accept(
          new Letter(
              begun.number(),
              lastOffset,
              begun.messageId(),
              begun.category(),
              begun.text(),
              begun.mailboxIds(),
              begun.ofSomeCopies(),
              begun.topic(),
              begun.at(),
              letter.records,
              letter.octets));
    }

    private static List<String> mailboxIds(ConsumerRecord<byte[], byte[]> record, Slice slice) {
      String concerned = text(record, DeadLetters.MAILBOXES);
      if (!concerned.isEmpty()) {
        return Arrays.asList(concerned.split(","));
      }
      return slice == null ? List.of() : slice.mailboxIds();
    }
  }
}
