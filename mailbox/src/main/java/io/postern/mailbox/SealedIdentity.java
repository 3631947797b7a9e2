package io.postern.mailbox;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Passphrase;
import io.postern.age.Recipient;
import io.postern.age.Sealer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A mailbox's identity file inside an age file: {@code identity.age} for its password, {@code
 * identity.recovery.age} for the recovery recipient. {@code age -d -i identity.age message.age}
 * with the stock tool asks for the password and prints the message.
 */
public final class SealedIdentity {
  /** An identity file has under 3 KB, its comment with a hybrid recipient included. */
  private static final int MAX_BYTES = 16 * 1024;

  private SealedIdentity() {}

  /**
   * Seals an identity file with a password. Takes the time and the 1024 × 2^logN octets of memory
   * that each opening will take.
   */
  public static byte[] seal(byte[] identityFile, byte[] password, int logN, SecureRandom random) {
    return seal(identityFile, Passphrase.recipient(password, logN), random);
  }

  static byte[] seal(byte[] identityFile, Recipient recipient, SecureRandom random) {
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    Sealer sealer = new Sealer(List.of(recipient), random);
    sealer.update(identityFile, 0, identityFile.length, sealed::write);
    sealer.finish(sealed::write);
    return sealed.toByteArray();
  }

  /**
   * What a login to a mailbox that does not exist is tried against, so that it takes as long as to
   * one that does: what no password opens. Making it takes no work.
   */
  public static byte[] decoy(int logN, SecureRandom random) {
    return seal(new byte[0], Passphrase.nobody(logN), random);
  }

  /**
   * Unlocks {@code identity.age}: scrypt, in the calling thread.
   *
   * @param password the caller wipes it
   * @param maxLogN a larger work factor is refused before memory is spent
   * @return the identities, for the caller to wipe; empty where the password is wrong
   * @throws AgeException where the file is damaged or asks for too much work
   */
  public static Optional<List<Identity>> unlock(byte[] sealed, byte[] password, int maxLogN)
      throws AgeException {
    return unlock(sealed, List.of(Passphrase.identity(password, maxLogN)));
  }

  static Optional<List<Identity>> unlock(byte[] sealed, List<? extends Identity> keys)
      throws AgeException {
    Optional<byte[]> identityFile = open(sealed, keys);
    try {
      return identityFile.isEmpty()
          ? Optional.empty()
          : Optional.of(Keys.identities(identityFile.get()));
    } finally {
      identityFile.ifPresent(SealedIdentity::wipe);
    }
  }

  /**
   * Opens the identity file inside.
   *
   * @param keys wiped when done
   * @return for the caller to wipe; empty where none of the keys is the right one
   */
  static Optional<byte[]> open(byte[] sealed, List<? extends Identity> keys) throws AgeException {
    if (sealed.length > MAX_BYTES) {
      throw new AgeException(AgeException.Category.KEY, "an identity file is never that long");
    }
    byte[] plaintext = new byte[sealed.length];
    ByteBuffer opened = ByteBuffer.wrap(plaintext);
    try (Opener opener = new Opener(keys)) {
      opener.update(sealed, 0, sealed.length, opened::put);
      opener.finish(opened::put);
      return Optional.of(Arrays.copyOf(plaintext, opened.position()));
    } catch (AgeException e) {
      if (e.category() == AgeException.Category.NO_MATCH) {
        return Optional.empty();
      }
      throw e;
    } finally {
      wipe(plaintext);
      keys.forEach(Identity::wipe);
    }
  }

  static void wipe(byte[] secret) {
    Arrays.fill(secret, (byte) 0);
  }
}
