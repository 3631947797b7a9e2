package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * The scrypt recipient and identity (C2SP age.md, "The scrypt recipient type"). Needs 1024 × 2^logN
 * octets of memory while it works.
 */
public final class Passphrase {
  /** The largest work factor that an identity should accept from files of unknown origin: 1 GiB. */
  public static final int DEFAULT_MAX_LOG_N = 20;

  /** The largest work factor at all: its memory is the most that arrays can be asked for. */
  public static final int MAX_LOG_N = 30;

  static final String TYPE = "scrypt";

  private static final byte[] SALT_LABEL = Octets.ascii("age-encryption.org/v1/scrypt");
  private static final int SALT_LENGTH = 16;
  private static final int BLOCK_SIZE = 8;
  private static final int PARALLELISM = 1;
  private static final int WRAP_KEY_LENGTH = 32;

  private Passphrase() {}

  /**
   * Seals with a passphrase, which must be the only recipient of a file.
   *
   * @param passphrase not empty; copied
   * @param logN the base-2 logarithm of the work factor, 1 to {@value #MAX_LOG_N}
   */
  public static Recipient recipient(byte[] passphrase, int logN) {
    if (passphrase.length == 0) {
      throw new IllegalArgumentException("the passphrase is empty");
    }
    requireInRange(logN);
    byte[] copy = passphrase.clone();
    return (fileKey, random) -> wrap(copy, logN, fileKey, random);
  }

  /**
   * Seals so that nothing opens it, without any work; trying to takes all of {@code logN}, as with
   * {@link #recipient} and a wrong passphrase.
   *
   * @param logN the base-2 logarithm of the work factor, 1 to {@value #MAX_LOG_N}
   */
  public static Recipient nobody(int logN) {
    requireInRange(logN);
    return (fileKey, random) ->
        stanza(
            Octets.random(random, SALT_LENGTH),
            logN,
            Octets.random(random, fileKey.length + ChaChaPoly.TAG_LENGTH));
  }

  /**
   * Opens with a passphrase; work factors above {@code maxLogN} are refused before memory is spent.
   *
   * @param passphrase copied; the copy is wiped by {@link Identity#wipe}
   * @param maxLogN the base-2 logarithm of the largest acceptable work factor
   */
  public static Identity identity(byte[] passphrase, int maxLogN) {
    requireInRange(maxLogN);
    return new ScryptIdentity(passphrase.clone(), maxLogN);
  }

  private static void requireInRange(int logN) {
    if (logN < 1 || logN > MAX_LOG_N) {
      throw new IllegalArgumentException("work factor not in 1 to " + MAX_LOG_N + ": " + logN);
    }
  }

  private static Stanza wrap(byte[] passphrase, int logN, byte[] fileKey, SecureRandom random) {
    byte[] salt = Octets.random(random, SALT_LENGTH);
    byte[] wrapKey = wrapKey(passphrase, salt, logN);
    byte[] body = ChaChaPoly.sealOnce(wrapKey, fileKey);
    Arrays.fill(wrapKey, (byte) 0);
    return stanza(salt, logN, body);
  }

  private static Stanza stanza(byte[] salt, int logN, byte[] body) {
    String encodedSalt = new String(CanonicalBase64.UNPADDED.encode(salt), US_ASCII);
    return new Stanza(TYPE, List.of(encodedSalt, Integer.toString(logN)), body);
  }

  private static byte[] wrapKey(byte[] passphrase, byte[] salt, int logN) {
    return SCrypt.generate(
        passphrase,
        Octets.concat(SALT_LABEL, salt),
        1 << logN,
        BLOCK_SIZE,
        PARALLELISM,
        WRAP_KEY_LENGTH);
  }

  /** Octets of memory that scrypt takes (RFC 7914, section 6): 128 × r × N. */
  private static long memory(int logN) {
    return 128L * BLOCK_SIZE << logN;
  }

  private record ScryptIdentity(byte[] passphrase, int maxLogN) implements Identity {
    @Override
    public Optional<byte[]> unwrap(List<Stanza> stanzas) throws AgeException {
      // A header that mixes scrypt with other stanzas has not passed HeaderReader.
      Stanza stanza = stanzas.get(0);
      if (!stanza.type().equals(TYPE)) {
        return Optional.empty();
      }
      stanza.requireShape(2);
      byte[] salt = stanza.decodeArg(0, SALT_LENGTH);
      byte[] wrapKey = wrapKey(passphrase, salt, logN(stanza));
      Optional<byte[]> fileKey = ChaChaPoly.openOnce(wrapKey, stanza.body());
      Arrays.fill(wrapKey, (byte) 0);
      return fileKey;
    }

    private int logN(Stanza stanza) throws AgeException {
      String digits = stanza.args().get(1);
      if (!digits.matches("[1-9][0-9]*")) {
        throw stanza.malformed("has a malformed work factor");
      }
      // Two digits at most, so that nothing overflows.
      int logN = digits.length() > 2 ? Integer.MAX_VALUE : Integer.parseInt(digits);
      if (logN > maxLogN) {
        throw new AgeException(
            AgeException.Category.WORK_FACTOR,
            "the scrypt work factor is above the limit of 2^" + maxLogN);
      }
      if (memory(logN) > Runtime.getRuntime().maxMemory()) {
        throw new AgeException(
            AgeException.Category.WORK_FACTOR,
            "the scrypt work factor takes " + (memory(logN) >> 20) + " MiB, more than there are");
      }
      return logN;
    }

    @Override
    public void wipe() {
      Arrays.fill(passphrase, (byte) 0);
    }

    @Override
    public String toString() {
      return "a passphrase";
    }
  }
}
