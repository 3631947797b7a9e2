package io.postern.crypto;

import io.postern.age.Recipient;
import io.postern.age.Sealer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/** One mailbox's copy while it is being sealed. */
final class SealedCopy {
  private final String mailboxId;
  private final Sealer sealer;

  /** What waits to be taken. */
  private byte[] sealed = {};

  private int filled;

  /** Slices come in one size, so what is taken next is mostly as long as what was taken last. */
  private int takenLast;

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

  void write(byte[] octets, int offset, int length) {
    sealer.update(octets, offset, length, this::add);
  }

  void finish() {
    sealer.finish(this::add);
  }

  /** What has been sealed since the last call. */
  byte[] take() {
    byte[] octets = filled == sealed.length ? sealed : Arrays.copyOf(sealed, filled);
    sealed = new byte[0];
    takenLast = filled;
    filled = 0;
    return octets;
  }

  private void add(byte[] octets, int offset, int length) {
    if (filled + length > sealed.length) {
      sealed = Arrays.copyOf(sealed, Math.max(filled + length, takenLast));
    }
    System.arraycopy(octets, offset, sealed, filled, length);
    filled += length;
  }
}
