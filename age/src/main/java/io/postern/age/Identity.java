package io.postern.age;

import java.util.List;
import java.util.Optional;

/** What opens a file: unwraps the file key from the stanzas of a header that are meant for it. */
@FunctionalInterface
public interface Identity {
  /**
   * Tries the stanzas of one header.
   *
   * @return the file key (16 octets, the caller wipes it), or empty where no stanza is for this
   *     identity
   * @throws AgeException {@link AgeException.Category#HEADER} where a stanza of this identity's
   *     kind is malformed
   */
  Optional<byte[]> unwrap(List<Stanza> stanzas) throws AgeException;

  /** Wipes the secret; the identity opens nothing afterwards. */
  default void wipe() {}
}
