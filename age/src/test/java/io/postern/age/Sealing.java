package io.postern.age;

import java.io.ByteArrayOutputStream;

/** Seals a whole plaintext. */
final class Sealing {
  private Sealing() {}

  static byte[] of(byte[] plaintext, Sealer sealer, int pieceLength) {
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    for (int at = 0; at < plaintext.length; at += pieceLength) {
      sealer.update(plaintext, at, Math.min(pieceLength, plaintext.length - at), sealed::write);
    }
    sealer.finish(sealed::write);
    return sealed.toByteArray();
  }
}
