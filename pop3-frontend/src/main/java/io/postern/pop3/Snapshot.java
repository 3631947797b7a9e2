package io.postern.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.age.Sealer;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.StoredMail;
import java.util.List;

/**
 * A mailbox's messages at login, oldest first, in some 40 octets each: sessions last, and mailboxes
 * of hundred thousands of messages are common.
 */
final class Snapshot {
  private static final int ULID_CHARS = 26;

  private final String mailboxId;
  private final byte[] messageIds;
  private final int[] headerLengths;
  private final long[] objectBytes;

  Snapshot(String mailboxId, List<StoredMail> mail) {
    this.mailboxId = mailboxId;
    this.messageIds = new byte[ULID_CHARS * mail.size()];
    this.headerLengths = new int[mail.size()];
    this.objectBytes = new long[mail.size()];
    int index = 0;
    for (StoredMail one : mail) {
      byte[] id = one.messageId().getBytes(US_ASCII);
      System.arraycopy(id, 0, messageIds, ULID_CHARS * index, ULID_CHARS);
      headerLengths[index] = one.headerLength();
      objectBytes[index] = one.objectBytes();
      index++;
    }
  }

  String mailboxId() {
    return mailboxId;
  }

  int count() {
    return headerLengths.length;
  }

  String messageId(int index) {
    return new String(messageIds, ULID_CHARS * index, ULID_CHARS, US_ASCII);
  }

  /** The object's name in the store. */
  String key(int index) {
    return new MailKey(mailboxId, messageId(index), headerLengths[index]).key();
  }

  long objectBytes(int index) {
    return objectBytes[index];
  }

  /** The message's exact size. */
  long sizeBytes(int index) {
    return Sealer.plaintextLength(headerLengths[index], objectBytes[index]);
  }
}
