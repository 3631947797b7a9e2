package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Recipients and identities from and to their textual forms. */
public final class Keys {
  private Keys() {}

  /**
   * A new identity with its recipient: hybrid {@code mlkem768x25519}, or X25519 where {@code
   * classic}.
   */
  public static KeyPair generate(boolean classic, SecureRandom random) {
    byte[] seed = Octets.random(random, 32);
    String prefix = classic ? X25519Identity.PREFIX : HybridIdentity.PREFIX;
    byte[] line = Bech32.encode(prefix, seed);
    String recipient =
        classic
            ? new X25519Identity(seed).recipient().toString()
            : new HybridIdentity(new XWing.PrivateKey(seed)).recipient().toString();
    byte[] comment = Octets.ascii("# public key: " + recipient + "\n");
    byte[] file = Octets.concat(comment, line, new byte[] {'\n'});
    Arrays.fill(seed, (byte) 0);
    Arrays.fill(line, (byte) 0);
    return new KeyPair(recipient, file);
  }

  /** {@code age1…} or {@code age1pq1…}. */
  public static Recipient recipient(String text) throws AgeException {
    try {
      Bech32.Decoded key = Bech32.decode(text.getBytes(US_ASCII));
      return switch (key.prefix()) {
        case X25519Recipient.PREFIX -> new X25519Recipient(key.data());
        case HybridRecipient.PREFIX -> new HybridRecipient(new XWing.PublicKey(key.data()));
        default -> throw new IllegalArgumentException("unknown kind");
      };
    } catch (IllegalArgumentException e) {
      throw new AgeException(
          AgeException.Category.KEY, "malformed recipient: " + e.getMessage(), e);
    }
  }

  /** A recipients file: one recipient a line, empty lines and {@code #} comments. */
  public static List<Recipient> recipients(byte[] file) throws AgeException {
    List<Recipient> recipients = new ArrayList<>();
    forEachLine(file, "recipients", line -> recipients.add(recipient(new String(line, US_ASCII))));
    return recipients;
  }

  /** An identity file: one {@code AGE-SECRET-KEY-…} a line, empty lines and {@code #} comments. */
  public static List<Identity> identities(byte[] file) throws AgeException {
    List<Identity> identities = new ArrayList<>();
    forEachLine(file, "identities", line -> identities.add(identity(line)));
    return identities;
  }

  private static Identity identity(byte[] line) throws AgeException {
    try {
      Bech32.Decoded key = Bech32.decode(line);
      return switch (key.prefix()) {
        case X25519Identity.PREFIX -> new X25519Identity(key.data());
        case HybridIdentity.PREFIX -> hybridIdentity(key.data());
        default -> throw new IllegalArgumentException("unknown kind");
      };
    } catch (IllegalArgumentException e) {
      throw new AgeException(AgeException.Category.KEY, "malformed identity: " + e.getMessage(), e);
    }
  }

  private static Identity hybridIdentity(byte[] seed) {
    Identity identity = new HybridIdentity(new XWing.PrivateKey(seed));
    Arrays.fill(seed, (byte) 0);
    return identity;
  }

  @FunctionalInterface
  private interface LineReader {
    void read(byte[] line) throws AgeException;
  }

  /** Calls with each line that is neither empty nor a comment; wipes the lines. */
  private static void forEachLine(byte[] file, String what, LineReader reader) throws AgeException {
    boolean found = false;
    int number = 0;
    for (int start = 0, end; start < file.length; start = end + 1) {
      end = start;
      while (end < file.length && file[end] != '\n') {
        end++;
      }
      number++;
      int trimmedEnd = end > start && file[end - 1] == '\r' ? end - 1 : end;
      if (trimmedEnd == start || file[start] == '#') {
        continue;
      }
      byte[] line = Arrays.copyOfRange(file, start, trimmedEnd);
      try {
        reader.read(line);
      } catch (AgeException e) {
        throw new AgeException(e.category(), "line " + number + ": " + e.getMessage(), e);
      } finally {
        Arrays.fill(line, (byte) 0);
      }
      found = true;
    }
    if (!found) {
      throw new AgeException(AgeException.Category.KEY, "no " + what + " in the file");
    }
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
