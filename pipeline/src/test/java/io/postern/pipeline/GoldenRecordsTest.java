package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.pipeline.CompleteAttempts.Found;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Records that version 1 has written, octet for octet. They lie in topics for up to 90 days, and
 * old and new services run side by side while a site is upgraded: a version that cannot read them
 * is refused here. When a format changes, a file is added; this one stays as it is.
 */
class GoldenRecordsTest {
  private static final String MAILBOX = "01m86eskvtsd69dfg3rb0yhff4";

  private JsonNode golden;
  private byte[] message;

  @BeforeEach
  void read() throws Exception {
    try (InputStream in = getClass().getResourceAsStream("/golden/version-1.json")) {
      golden = Json.MAPPER.readTree(in);
    }
    message = golden.get("message").asText().getBytes(US_ASCII);
  }

  @Test
  void rawMessagesOpen() throws Exception {
    List<Found> found = new ArrayList<>();
    CompleteAttempts attempts = CompleteAttempts.ofMessages(found::add);
    List<ConsumerRecord<byte[], byte[]>> records = records("postern.raw");
    records.forEach(attempts::accept);
    assertThat(found).filteredOn(Found::decided).hasSize(2);
    assertThat(found).filteredOn(f -> !f.decided()).as("a proxy's").hasSize(1);
    for (Found one : found.stream().filter(Found::decided).toList()) {
      assertThat(one.mailboxIds()).containsExactly(MAILBOX);
      byte[] opened = open(slices(records, one), "transitIdentity");
      EnvelopeCodec.Reader reader = new EnvelopeCodec.Reader();
      int start = reader.read(opened, 0, opened.length);
      assertThat(reader.envelope())
          .isEqualTo(Json.MAPPER.treeToValue(golden.get("envelope"), Envelope.class));
      assertThat(Arrays.copyOfRange(opened, start, opened.length)).isEqualTo(message);
    }
  }

  @Test
  void sealedCopiesOpen() throws Exception {
    List<Found> found = new ArrayList<>();
    CompleteAttempts attempts = CompleteAttempts.ofCopies(found::add);
    List<ConsumerRecord<byte[], byte[]>> records = records("postern.sealed");
    records.forEach(attempts::accept);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).mailboxIds()).containsExactly(MAILBOX);
    Slice first = SliceCodec.decode(records.get(0));
    assertThat(first.headerLength()).isPositive();
    assertThat(SliceCodec.decode(records.get(2)).isAborted()).isTrue();
    assertThat(open(slices(records, found.get(0)), "mailboxIdentity")).isEqualTo(message);
  }

  @Test
  void factsRead() throws Exception {
    List<Fact> facts = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records("postern.ledger")) {
      facts.add(FactCodec.decode(record));
    }
    assertThat(facts)
        .extracting(fact -> fact.kind().name())
        .containsExactly("ACCEPTED", "SEALED", "STORED", "FETCHED", "DELETED", "DEAD");
    assertThat(facts.get(2).mailboxId()).isEqualTo(MAILBOX);
    assertThat(facts.get(2).detail()).isEqualTo("1749");
    assertThat(facts.get(5).mailboxId()).isNull();
    assertThat(facts)
        .allSatisfy(fact -> assertThat(fact.at()).isEqualTo("2026-11-24T09:39:42.039Z"));
  }

  @Test
  void deadLettersAreTheMessageAgain() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> records = records("postern.dead");
    assertThat(header(records.get(0), "dead-category")).isEqualTo("NO_MAILBOX");
    assertThat(header(records.get(0), "dead-mailboxes")).isEqualTo(MAILBOX);
    assertThat(header(records.get(0), "dead-origin")).isEqualTo("postern.raw/3/4711");
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      sealed.write(SliceCodec.decode(record).octets());
    }
    byte[] opened = open(sealed.toByteArray(), "transitIdentity");
    assertThat(new String(opened, US_ASCII)).endsWith(new String(message, US_ASCII));
  }

  /** A later release may write more under version 1: this one reads what it knows. */
  @Test
  void whatALaterReleaseAddsIsSkipped() throws Exception {
    for (ConsumerRecord<byte[], byte[]> record : records("postern.ledger")) {
      ObjectNode more = ((ObjectNode) Json.MAPPER.readTree(record.value())).put("colour", "red");
      more.putObject("shape").put("corners", 3);
      assertThat(FactCodec.decode(valued(record, more))).isEqualTo(FactCodec.decode(record));
    }
    for (String topic : List.of("postern.raw", "postern.sealed", "postern.dead")) {
      for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
        Slice known = SliceCodec.decode(record);
        record.headers().add("colour", new byte[] {1, 2, 3});
        Slice slice = SliceCodec.decode(record);
        assertThat(slice.attempt()).isEqualTo(known.attempt());
        assertThat(slice.sequence()).isEqualTo(known.sequence());
        assertThat(slice.octets()).isEqualTo(known.octets());
      }
    }
  }

  /** What has another meaning is refused, not misread. */
  @Test
  void anotherVersionIsNeverGuessedAt() throws Exception {
    for (ConsumerRecord<byte[], byte[]> record : records("postern.ledger")) {
      ObjectNode later = ((ObjectNode) Json.MAPPER.readTree(record.value())).put("version", 2);
      assertThatThrownBy(() -> FactCodec.decode(valued(record, later)))
          .isInstanceOf(MalformedException.class);
    }
    for (String topic : List.of("postern.raw", "postern.sealed", "postern.dead")) {
      for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
        record.headers().remove("version").add("version", "2".getBytes(US_ASCII));
        assertThatThrownBy(() -> SliceCodec.decode(record)).isInstanceOf(MalformedException.class);
      }
    }
  }

  private static ConsumerRecord<byte[], byte[]> valued(
      ConsumerRecord<byte[], byte[]> record, JsonNode value) throws Exception {
    return new ConsumerRecord<>(
        record.topic(), 0, record.offset(), record.key(), Json.MAPPER.writeValueAsBytes(value));
  }

  private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (JsonNode node : golden.get("records")) {
      if (node.get("topic").asText().equals(topic)) {
        byte[] key = node.get("key").asText().getBytes(US_ASCII);
        ConsumerRecord<byte[], byte[]> record =
            new ConsumerRecord<>(topic, 0, records.size(), key, value(node));
        node.get("headers")
            .properties()
            .forEach(
                h -> record.headers().add(h.getKey(), h.getValue().asText().getBytes(US_ASCII)));
        records.add(record);
      }
    }
    return records;
  }

  private static byte[] value(JsonNode node) {
    return Base64.getDecoder().decode(node.get("value").asText());
  }

  private static byte[] slices(List<ConsumerRecord<byte[], byte[]>> records, Found found)
      throws Exception {
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Slice slice = SliceCodec.decode(record);
      if (slice.attempt().equals(found.attempt()) && slice.messageId().equals(found.messageId())) {
        sealed.write(slice.octets());
      }
    }
    return sealed.toByteArray();
  }

  private byte[] open(byte[] sealed, String identity) throws Exception {
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    byte[] file = golden.get(identity).asText().getBytes(US_ASCII);
    try (Opener opener = new Opener(Keys.identities(file))) {
      opener.update(sealed, 0, sealed.length, plaintext::write);
      opener.finish(plaintext::write);
    }
    return plaintext.toByteArray();
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), US_ASCII);
  }
}
