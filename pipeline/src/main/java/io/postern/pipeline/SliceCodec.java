package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.pipeline.Slice.Mark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Slices from and to Kafka records: the key is the message id, the value the octets, the headers
 * below say the rest, as ASCII text that any Kafka tool shows. Unknown headers are ignored, so a
 * minor addition needs no new version.
 */
public final class SliceCodec {
  static final String VERSION = "version";
  static final String MAILBOXES = "mailboxes";
  static final String ATTEMPT = "attempt";
  static final String SEQUENCE = "sequence";
  static final String FLAGS = "flags";
  static final String TRANSIT_KEY = "transit-key";
  static final String HEADER_LENGTH = "header-length";

  private static final String VERSION_1 = "1";
  private static final int MAX_MAILBOXES = 1000;
  private static final int MAX_DIGITS = 9;
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{1,32}");

  /** Sealing adds to a raw slice what the opener held back, a header and 16 octets a chunk. */
  private static final int MAX_VALUE_BYTES = 960 * 1024;

  private SliceCodec() {}

  public static List<Header> headers(Slice slice) {
    List<Header> headers = new ArrayList<>(7);
    headers.add(header(VERSION, VERSION_1));
    if (!slice.mailboxIds().isEmpty()) {
      headers.add(header(MAILBOXES, String.join(",", slice.mailboxIds())));
    }
    headers.add(header(ATTEMPT, slice.attempt()));
    headers.add(header(SEQUENCE, Integer.toString(slice.sequence())));
    switch (slice.mark()) {
      case PREPARED -> headers.add(header(FLAGS, "prepared"));
      case LAST -> headers.add(header(FLAGS, "last"));
      case ABORTED -> headers.add(header(FLAGS, "aborted"));
      case MORE -> {}
    }
    if (!slice.transitKey().isEmpty()) {
      headers.add(header(TRANSIT_KEY, slice.transitKey()));
    }
    if (slice.headerLength() > 0) {
      headers.add(header(HEADER_LENGTH, Integer.toString(slice.headerLength())));
    }
    return headers;
  }

  public static Slice decode(ConsumerRecord<byte[], byte[]> record) throws MalformedException {
    Map<String, String> headers = texts(record);
    if (!VERSION_1.equals(headers.get(VERSION))) {
      throw new MalformedException("version is " + headers.get(VERSION));
    }
    if (record.key() == null || record.value() == null) {
      throw new MalformedException("a slice has a key and a value");
    }
    if (record.value().length > MAX_VALUE_BYTES) {
      throw new MalformedException("a slice of " + record.value().length + " octets");
    }
    int sequence = number(headers, SEQUENCE);
    String attempt = headers.getOrDefault(ATTEMPT, "");
    String transitKey = headers.getOrDefault(TRANSIT_KEY, "");
    if (!TOKEN.matcher(attempt).matches()) {
      throw new MalformedException("attempt is not a token");
    }
    if (!transitKey.isEmpty() && !TOKEN.matcher(transitKey).matches()) {
      throw new MalformedException("transit-key is not a token");
    }
    return new Slice(
        ulid(new String(record.key(), US_ASCII)),
        mailboxes(headers.getOrDefault(MAILBOXES, ""), sequence),
        attempt,
        sequence,
        mark(headers.getOrDefault(FLAGS, "")),
        transitKey,
        headers.containsKey(HEADER_LENGTH) ? number(headers, HEADER_LENGTH) : 0,
        record.value());
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(US_ASCII));
  }

  private static Map<String, String> texts(ConsumerRecord<byte[], byte[]> record)
      throws MalformedException {
    Map<String, String> texts = new HashMap<>();
    for (Header header : record.headers()) {
      String value = header.value() == null ? "" : new String(header.value(), US_ASCII);
      if (texts.put(header.key(), value) != null) {
        throw new MalformedException("header " + header.key() + " comes twice");
      }
    }
    return texts;
  }

  private static List<String> mailboxes(String text, int sequence) throws MalformedException {
    if (text.isEmpty()) {
      if (sequence == 0) {
        throw new MalformedException("the first slice names no mailbox");
      }
      return List.of();
    }
    String[] ids = text.split(",", MAX_MAILBOXES + 1);
    if (ids.length > MAX_MAILBOXES) {
      throw new MalformedException("more than " + MAX_MAILBOXES + " mailboxes");
    }
    for (String id : ids) {
      ulid(id);
    }
    return List.of(ids);
  }

  private static String ulid(String text) throws MalformedException {
    if (!Ulids.isUlid(text)) {
      throw new MalformedException("an id is not a ULID");
    }
    return text;
  }

  private static int number(Map<String, String> headers, String name) throws MalformedException {
    String text = headers.getOrDefault(name, "");
    if (text.isEmpty()
        || text.length() > MAX_DIGITS
        || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new MalformedException(name + " is not a number");
    }
    return Integer.parseInt(text);
  }

  private static Mark mark(String flags) throws MalformedException {
    return switch (flags) {
      case "" -> Mark.MORE;
      case "prepared" -> Mark.PREPARED;
      case "last" -> Mark.LAST;
      case "aborted" -> Mark.ABORTED;
      default -> throw new MalformedException("flags are not known");
    };
  }
}
