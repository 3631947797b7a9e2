package io.postern.protocol.pop3;

import java.util.Arrays;
import java.util.Base64;

/**
 * What the PLAIN mechanism carries (RFC 4616, section 2).
 *
 * @param user the authentication identity, not empty
 * @param password its octets, not empty; whoever takes it wipes it
 */
record SaslPlain(String user, byte[] password) {
  static final String MECHANISM = "PLAIN";

  /**
   * A response in Base64, or {@code =} for an empty one; an authorization identity must be absent
   * or the same as the authentication identity, since nobody may act for another here.
   */
  static SaslPlain decode(byte[] base64) throws Refusal {
    byte[] message;
    try {
      message = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new Refusal("not Base64");
    }
    try {
      return parse(message);
    } finally {
      Arrays.fill(message, (byte) 0);
    }
  }

  private static SaslPlain parse(byte[] message) throws Refusal {
    int first = indexOfNul(message, 0);
    int second = indexOfNul(message, first + 1);
    if (first == message.length || second == message.length) {
      throw new Refusal("not a PLAIN response");
    }
    String authorization = CommandParser.utf8(Arrays.copyOf(message, first));
    String user = CommandParser.utf8(Arrays.copyOfRange(message, first + 1, second));
    byte[] password = Arrays.copyOfRange(message, second + 1, message.length);
    if (user.isEmpty() || password.length == 0) {
      throw new Refusal("a user name or a password is missing");
    }
    if (!authorization.isEmpty() && !authorization.equals(user)) {
      Arrays.fill(password, (byte) 0);
      throw new Refusal("nobody may log in for another");
    }
    return new SaslPlain(user, password);
  }

  /** The index of the next NUL, or the length. */
  private static int indexOfNul(byte[] message, int from) {
    int index = Math.min(from, message.length);
    while (index < message.length && message[index] != 0) {
      index++;
    }
    return index;
  }

  @Override
  public String toString() {
    return "SaslPlain[]";
  }
}
