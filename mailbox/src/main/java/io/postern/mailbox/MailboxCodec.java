package io.postern.mailbox;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * The JSON of a mailbox: the public part as {@code mailbox.json}, and with its identities (Base64)
 * as the value in topic {@code postern.mailboxes}. Unknown fields are skipped, so that a later
 * version may add some; one that changes a meaning raises {@link #VERSION}.
 */
final class MailboxCodec {
  static final int VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();
  private static final ObjectReader READER = JSON.readerFor(Fields.class);
  private static final ObjectWriter COMPACT = JSON.writer();
  private static final ObjectWriter PRETTY = JSON.writerWithDefaultPrettyPrinter();

  private MailboxCodec() {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Fields(
      @JsonProperty int version,
      @JsonProperty String id,
      @JsonProperty String address,
      @JsonProperty String recipient,
      @JsonProperty String state,
      @JsonProperty Instant created,
      @JsonProperty byte[] identity,
      @JsonProperty byte[] recoveryIdentity) {

    static Fields of(Mailbox mailbox, byte[] identity, byte[] recoveryIdentity) {
      return new Fields(
          VERSION,
          mailbox.id(),
          mailbox.address(),
          mailbox.recipient(),
          mailbox.state().name().toLowerCase(Locale.ROOT),
          mailbox.created(),
          identity,
          recoveryIdentity);
    }

    Mailbox mailbox() throws IOException {
      if (version != VERSION || id == null || address == null || recipient == null) {
        throw new IOException("not a mailbox of version " + VERSION);
      }
      return new Mailbox(id, address, recipient, parsedState(), created);
    }

    private Mailbox.State parsedState() throws IOException {
      try {
        return Mailbox.State.valueOf(String.valueOf(state).toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new IOException("no such state of a mailbox: " + state, e);
      }
    }
  }

  /** {@code mailbox.json}. */
  static byte[] publicPart(Mailbox mailbox) {
    return write(PRETTY, Fields.of(mailbox, null, null));
  }

  static byte[] encode(MailboxRecord record) {
    return write(
        COMPACT,
        Fields.of(record.mailbox(), record.identity(), record.recoveryIdentity().orElse(null)));
  }

  static MailboxRecord decode(byte[] json) throws IOException {
    Fields fields = READER.readValue(json);
    if (fields == null || fields.identity == null) {
      throw new IOException("a mailbox without an identity");
    }
    return new MailboxRecord(
        fields.mailbox(), fields.identity, Optional.ofNullable(fields.recoveryIdentity));
  }

  /** Reads {@code mailbox.json}. */
  static Mailbox decodePublicPart(byte[] json) throws IOException {
    Fields fields = READER.readValue(json);
    if (fields == null) {
      throw new IOException("not a mailbox");
    }
    return fields.mailbox();
  }

  private static byte[] write(ObjectWriter writer, Fields fields) {
    try {
      return writer.writeValueAsBytes(fields);
    } catch (IOException e) {
      throw new IllegalStateException("a mailbox has no JSON", e);
    }
  }
}
