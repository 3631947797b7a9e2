package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxCodecTest {
  private static final Mailbox MAILBOX =
      new Mailbox(
          "01jdzq5w3v8m4b6n7p9rstvwxy",
          "jörg@example.org",
          "age1x",
          Mailbox.State.SUSPENDED,
          Instant.parse("2026-01-02T03:04:05.678Z"));

  @Test
  void readsWhatItWrites() throws Exception {
    MailboxRecord with =
        new MailboxRecord(MAILBOX, new byte[] {0, -1}, Optional.of(new byte[] {1}));
    MailboxRecord without = new MailboxRecord(MAILBOX, new byte[] {0, -1}, Optional.empty());

    assertThat(MailboxCodec.decode(MailboxCodec.encode(with))).isEqualTo(with);
    assertThat(MailboxCodec.decode(MailboxCodec.encode(without))).isEqualTo(without);
  }

  /** The formats are promises to other versions and to scripts. */
  @Test
  void writesThis() {
    assertThat(new String(MailboxCodec.publicPart(MAILBOX), UTF_8))
        .isEqualTo(
            """
            {
              "version" : 1,
              "id" : "01jdzq5w3v8m4b6n7p9rstvwxy",
              "address" : "jörg@example.org",
              "recipient" : "age1x",
              "state" : "suspended",
              "created" : "2026-01-02T03:04:05.678Z"
            }""");
    MailboxRecord record = new MailboxRecord(MAILBOX, new byte[] {0, -1}, Optional.empty());
    assertThat(new String(MailboxCodec.encode(record), UTF_8))
        .startsWith("{\"version\":1,\"id\":\"01jdzq5w3v8m4b6n7p9rstvwxy\"")
        .endsWith(",\"identity\":\"AP8=\"}");
  }

  @Test
  void skipsWhatALaterVersionAdds() throws Exception {
    MailboxRecord record = new MailboxRecord(MAILBOX, new byte[] {7}, Optional.empty());
    String json = new String(MailboxCodec.encode(record), UTF_8);
    String later = "{\"colour\":{\"x\":[1]}," + json.substring(1);

    assertThat(MailboxCodec.decode(later.getBytes(UTF_8))).isEqualTo(record);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "{\"version\":1,\"identity\":\"AA==\"}",
        "{\"version\":2,\"id\":\"a\",\"address\":\"b\",\"recipient\":\"c\",\"state\":\"active\",\"identity\":\"AA==\"}",
        "{\"version\":1,\"id\":\"a\",\"address\":\"b\",\"recipient\":\"c\",\"state\":\"odd\",\"identity\":\"AA==\"}",
        "{\"version\":1,\"id\":\"a\",\"address\":\"b\",\"recipient\":\"c\",\"state\":\"active\"}"
      })
  void refusesTheRest(String json) {
    assertThatThrownBy(() -> MailboxCodec.decode(json.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }
}
