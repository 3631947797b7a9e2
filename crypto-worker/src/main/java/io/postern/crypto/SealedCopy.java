package io.postern.crypto;

import io.postern.age.Recipient;
import io.postern.age.Sealer;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.List;

/** One mailbox's copy while it is being sealed. */
final class SealedCopy {
  private final String mailboxId;
  private final Sealer sealer;
  private ByteArrayOutputStream sealed = new ByteArrayOutputStream(0);

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
    sealer.update(octets, offset, length, sealed::write);
  }

  void finish() {
    sealer.finish(sealed::write);
  }

  /** What has been sealed since the last call. */
  byte[] take() {
    byte[] octets = sealed.toByteArray();
    sealed = new ByteArrayOutputStream(0);
    return octets;
  }
}
