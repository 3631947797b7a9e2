package io.postern.age;

import java.security.SecureRandom;
import java.util.List;

/**
 * Seals one file as its plaintext comes, in pieces of any size and in constant memory. The header
 * leaves with the first call. Buffers grow with the content up to one chunk (64 KiB), so small
 * files cost little. Not thread-safe.
 */
public final class Sealer {
  /** Makes a file key, wraps it for each recipient and writes the header. */
  public Sealer(List<? extends Recipient> recipients, SecureRandom random) {
    throw new UnsupportedOperationException();
  }

  /** Octets of the header text, the MAC line included and the 16-octet payload nonce not. */
  public int headerLength() {
    throw new UnsupportedOperationException();
  }

  /** Seals {@code length} octets; what is complete goes to {@code sealed}. */
  public void update(byte[] plaintext, int offset, int length, Sink sealed) {
    throw new UnsupportedOperationException();
  }

  /** Seals what is left as the last chunk. The sealer cannot be used again. */
  public void finish(Sink sealed) {
    throw new UnsupportedOperationException();
  }
}
