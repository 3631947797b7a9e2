package io.postern.crypto;

import io.postern.age.ChunkOpener;
import io.postern.age.Recipient;
import io.postern.age.Sealer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/** One mailbox's copy while it is being sealed. */
final class SealedCopy {
  private static final int FULL_CHUNK_BYTES = ChunkOpener.CHUNK_LENGTH + ChunkOpener.TAG_LENGTH;

  private static final byte[] NOTHING = {};

  private final String mailboxId;
  private final Sealer sealer;
  private byte[] sealed = NOTHING;
  private int length;

  SealedCopy(String mailboxId, Recipient recipient, SecureRandom random) {
    this.mailboxId = mailboxId;
    this.sealer = new Sealer(List.of(recipient), random);
  }

  String mailboxId() {
    return mailboxId;
  }

  int headerLength() {
    return sealer.headerLength();
  }

  void write(byte[] octets, int offset, int count) {
    sealer.update(octets, offset, count, this::add);
  }

  void finish() {
    sealer.finish(this::add);
  }

  private void add(byte[] octets, int offset, int count) {
    if (sealed.length - length < count) {
      // Mostly a slice brings two full chunks: then nothing is copied twice.
      int more = count == FULL_CHUNK_BYTES ? 2 * count : count;
      sealed = Arrays.copyOf(sealed, length + more);
    }
    System.arraycopy(octets, offset, sealed, length, count);
    length += count;
  }

  /** What has been sealed since the last call. */
  byte[] take() {
    byte[] octets = length == sealed.length ? sealed : Arrays.copyOf(sealed, length);
    sealed = NOTHING;
    length = 0;
    return octets;
  }
}
