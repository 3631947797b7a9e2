package io.postern.crypto;

import io.postern.age.Recipient;
import io.postern.age.Sealer;
import io.postern.pipeline.SliceBuffer;
import java.security.SecureRandom;
import java.util.List;

/** One mailbox's copy while it is being sealed. */
final class SealedCopy {
  private final String mailboxId;
  private final Sealer sealer;
  private final SliceBuffer sealed = new SliceBuffer();

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
    sealer.update(octets, offset, count, sealed);
  }

  void finish() {
    sealer.finish(sealed);
  }

  /** What has been sealed since the last call. */
  byte[] take() {
    return sealed.take();
  }
}
