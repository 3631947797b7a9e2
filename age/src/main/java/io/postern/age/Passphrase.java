package io.postern.age;

/**
 * The scrypt recipient and identity (C2SP age.md, "The scrypt recipient type"). Needs 1024 × 2^logN
 * octets of memory.
 */
public final class Passphrase {
  private Passphrase() {}

  /** Seals with a passphrase. {@code logN} is the base-2 logarithm of the work factor. */
  public static Recipient recipient(byte[] passphrase, int logN) {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens with a passphrase; work factors above {@code maxLogN} are refused before memory is spent.
   */
  public static Identity identity(byte[] passphrase, int maxLogN) {
    throw new UnsupportedOperationException();
  }
}
