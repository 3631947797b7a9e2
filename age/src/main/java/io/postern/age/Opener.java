package io.postern.age;

import java.util.List;

/**
 * Opens one file as it comes, in pieces of any size and in constant memory. Nothing is released
 * before it is authenticated. Not thread-safe.
 */
public final class Opener implements AutoCloseable {
  public Opener(List<? extends Identity> identities) {
    throw new UnsupportedOperationException();
  }

  /** Takes sealed octets; what is authentic goes to {@code plaintext}. */
  public void update(byte[] sealed, int offset, int length, Sink plaintext) throws AgeException {
    throw new UnsupportedOperationException();
  }

  /**
   * Says that the file ends here: releases the last chunk, or throws PAYLOAD where the end is
   * missing.
   */
  public void finish(Sink plaintext) throws AgeException {
    throw new UnsupportedOperationException();
  }

  /** Wipes the keys. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
