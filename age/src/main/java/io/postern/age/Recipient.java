package io.postern.age;

import java.security.SecureRandom;

/**
 * One who can open a file: wraps a file key into a header stanza (C2SP age.md, "Recipient stanza").
 */
@FunctionalInterface
public interface Recipient {
  /**
   * Wraps a file key.
   *
   * @param fileKey 16 octets, not kept and not changed
   * @param random the source of what must be fresh for every file: ephemeral keys, salts
   * @return the stanza that goes into the header
   */
  Stanza wrap(byte[] fileKey, SecureRandom random);
}
