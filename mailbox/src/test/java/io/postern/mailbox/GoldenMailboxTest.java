package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What version 1 has written of a mailbox: it must be read for ever. When a format changes, files
 * are added; these stay as they are.
 */
class GoldenMailboxTest {
  @Test
  void theRecordAndItsIdentitiesOpenTheMail() throws Exception {
    MailboxRecord record = MailboxCodec.decode(file("record.json"));

    assertThat(record.mailbox()).isEqualTo(MailboxCodec.decodePublicPart(file("mailbox.json")));
    assertThat(record.mailbox().id()).isEqualTo("01m86eskvtsd69dfg3rb0yhff4");
    assertThat(record.mailbox().address()).isEqualTo("archive@example.org");
    assertThat(record.mailbox().state()).isEqualTo(Mailbox.State.SUSPENDED);
    assertThat(record.mailbox().created()).isEqualTo("2026-11-24T09:39:42.039Z");
    byte[] password = "correct horse".getBytes(US_ASCII);
    assertThat(open(SealedIdentity.unlock(record.identity(), password, 20).orElseThrow()))
        .isEqualTo("Subject: golden\r\n\r\nWhat was written once is read for ever.\r\n");
    List<Identity> recovery = Keys.identities(file("recovery.txt"));
    assertThat(
            open(
                SealedIdentity.unlock(record.recoveryIdentity().orElseThrow(), recovery)
                    .orElseThrow()))
        .startsWith("Subject: golden");
  }

  private String open(List<Identity> identities) throws Exception {
    byte[] sealed = file("message.age");
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities)) {
      opener.update(sealed, 0, sealed.length, message::write);
      opener.finish(message::write);
    }
    return message.toString(US_ASCII);
  }

  private byte[] file(String name) throws Exception {
    try (InputStream in = getClass().getResourceAsStream("/golden/" + name)) {
      return in.readAllBytes();
    }
  }
}
