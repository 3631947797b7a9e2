package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.pipeline.Slice.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SliceCodecTest {
  private static final String MESSAGE = "01arz3ndektsv4rrffq69g5fav";
  private static final String ALICE = "01arz3ndektsv4rrffq69g5fa0";
  private static final String BOB = "01arz3ndektsv4rrffq69g5fa1";
  private static final byte[] OCTETS = {1, 2, 3};

  @Test
  void comesBackAsItWent() throws Exception {
    List<Slice> slices =
        List.of(
            Slice.raw(MESSAGE, List.of(ALICE, BOB), "a1", 0, Mark.MORE, "0f", OCTETS),
            Slice.raw(MESSAGE, List.of(ALICE, BOB), "a1", 7, Mark.LAST, "0f", OCTETS),
            Slice.raw(MESSAGE, List.of(ALICE), "a1", 3, Mark.ABORTED, "0f", new byte[0]),
            Slice.raw(MESSAGE, List.of(ALICE, BOB), "a1", 7, Mark.PREPARED, "0f", OCTETS),
            Slice.sealed(MESSAGE, ALICE, "b2", 0, Mark.LAST, 168, OCTETS),
            Slice.sealed(MESSAGE, ALICE, "b2", 1, Mark.MORE, 168, OCTETS));
    for (Slice slice : slices) {
      ConsumerRecord<byte[], byte[]> record =
          record(slice.messageId(), SliceCodec.headers(slice), slice.octets());
      assertThat(SliceCodec.decode(record)).usingRecursiveComparison().isEqualTo(slice);
    }
  }

  @Test
  void namesMailboxesAndTransitKeyOnTheFirstRawSliceOnly() {
    Slice second = Slice.raw(MESSAGE, List.of(ALICE), "a1", 1, Mark.MORE, "0f", OCTETS);
    assertThat(second.mailboxIds()).isEmpty();
    assertThat(second.transitKey()).isEmpty();
  }

  @Test
  void ignoresHeadersThatItDoesNotKnow() throws Exception {
    List<Header> headers = new ArrayList<>(headers());
    headers.add(new RecordHeader("later", OCTETS));
    assertThat(SliceCodec.decode(record(MESSAGE, headers, OCTETS)).sequence()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "version, 2",
    "version, ''",
    "mailboxes, ''",
    "mailboxes, alice",
    "mailboxes, '01arz3ndektsv4rrffq69g5fa0,'",
    "attempt, ''",
    "attempt, ../x",
    "sequence, -1",
    "sequence, ''",
    "sequence, 9999999999",
    "sequence, 0x1",
    "flags, final",
    "transit-key, AGE",
    "header-length, many"
  })
  void refusesWhatIsNotWellFormed(String name, String value) {
    List<Header> headers = new ArrayList<>(headers());
    headers.removeIf(header -> header.key().equals(name));
    headers.add(new RecordHeader(name, value.getBytes(US_ASCII)));
    assertThatThrownBy(() -> SliceCodec.decode(record(MESSAGE, headers, OCTETS)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void refusesRecordsThatAreNoSlices() {
    List<Header> twice = new ArrayList<>(headers());
    twice.addAll(headers());
    assertMalformed(record(MESSAGE, twice, OCTETS));
    assertMalformed(record(MESSAGE, List.of(), OCTETS));
    assertMalformed(record("not-a-ulid", headers(), OCTETS));
    assertMalformed(record(null, headers(), OCTETS));
    assertMalformed(record(MESSAGE, headers(), null));
    assertMalformed(record(MESSAGE, headers(), new byte[1_000_000]));
  }

  private static void assertMalformed(ConsumerRecord<byte[], byte[]> record) {
    assertThatThrownBy(() -> SliceCodec.decode(record)).isInstanceOf(MalformedException.class);
  }

  private static List<Header> headers() {
    return SliceCodec.headers(Slice.raw(MESSAGE, List.of(ALICE), "a1", 0, Mark.MORE, "0f", OCTETS));
  }

  private static ConsumerRecord<byte[], byte[]> record(
      String key, List<Header> headers, byte[] value) {
    return new ConsumerRecord<>(
        "raw",
        0,
        0,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        key == null ? null : key.getBytes(US_ASCII),
        value,
        new RecordHeaders(headers),
        Optional.empty());
  }
}
