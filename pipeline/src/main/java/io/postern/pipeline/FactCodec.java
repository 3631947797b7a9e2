package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Facts from and to ledger records: the key is the message id, the value a small JSON object. */
public final class FactCodec {
  private static final int VERSION = 1;

  private FactCodec() {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Body(int version, Fact.Kind kind, String mailbox, Instant at, String detail) {}

  static byte[] encode(Fact fact) {
    try {
      return Json.MAPPER.writeValueAsBytes(
          new Body(VERSION, fact.kind(), fact.mailboxId(), fact.at(), fact.detail()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Fact decode(ConsumerRecord<byte[], byte[]> record) throws MalformedException {
    if (record.key() == null || record.value() == null) {
      throw new MalformedException("a fact has a key and a value");
    }
    try {
      Body body = Json.MAPPER.readValue(record.value(), Body.class);
      if (body == null || body.version() != VERSION || body.kind() == null) {
        throw new MalformedException("not a fact of version " + VERSION);
      }
      return new Fact(
          body.kind(),
          new String(record.key(), US_ASCII),
          body.mailbox(),
          body.at(),
          body.detail());
    } catch (IOException e) {
      throw new MalformedException("not a fact");
    }
  }
}
