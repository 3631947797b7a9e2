package io.postern.age;

import java.security.SecureRandom;
import java.util.List;

/** Recipients and identities from and to their textual forms. */
public final class Keys {
  private Keys() {}

  /**
   * A new identity with its recipient: hybrid {@code mlkem768x25519}, or X25519 where {@code
   * classic}.
   */
  public static KeyPair generate(boolean classic, SecureRandom random) {
    throw new UnsupportedOperationException();
  }

  /** {@code age1…} or {@code age1pq1…}. */
  public static Recipient recipient(String text) throws AgeException {
    throw new UnsupportedOperationException();
  }

  /** An identity file: one {@code AGE-SECRET-KEY-…} a line, empty lines and {@code #} comments. */
  public static List<Identity> identities(byte[] file) throws AgeException {
    throw new UnsupportedOperationException();
  }

  /**
   * A generated pair in its textual forms.
   *
   * @param recipient public, {@code age1…}
   * @param identityFile the identity file's octets (comment lines and the key); the caller wipes
   *     them
   */
  public record KeyPair(String recipient, byte[] identityFile) {
    @Override
    public String toString() {
      return recipient;
    }
  }
}
