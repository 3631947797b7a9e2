package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.mailbox.MailboxException.Category;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.SecureRandom;

/** What a mailbox's password may be, and new ones. */
public final class Passwords {
  /** PASS with its argument must fit POP3's 255 octets (RFC 2449, 4). */
  public static final int MAX_BYTES = 200;

  /** Letters and digits that no shell minds and nobody takes for another. */
  private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

  private static final int LENGTH = 24;

  private Passwords() {}

  /** A new password: 24 characters in ASCII, 139 bits. The caller wipes it. */
  public static byte[] generate(SecureRandom random) {
    byte[] password = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      password[i] = (byte) ALPHABET.charAt(random.nextInt(ALPHABET.length()));
    }
    return password;
  }

  /**
   * Refuses what cannot be sent over POP3 or typed at a terminal: 1 to {@value #MAX_BYTES} octets
   * of UTF-8 without control characters pass.
   */
  public static void require(byte[] password) throws MailboxException {
    if (password.length == 0) {
      throw invalid("the password is empty");
    }
    if (password.length > MAX_BYTES) {
      throw invalid("the password is longer than " + MAX_BYTES + " octets");
    }
    try {
      CharBuffer characters = UTF_8.newDecoder().decode(ByteBuffer.wrap(password));
      boolean control = characters.chars().anyMatch(Character::isISOControl);
      characters.clear();
      while (characters.hasRemaining()) {
        characters.put('\0');
      }
      if (control) {
        throw invalid("the password has control characters");
      }
    } catch (CharacterCodingException e) {
      throw invalid("the password is not UTF-8");
    }
  }

  private static MailboxException invalid(String message) {
    return new MailboxException(Category.INVALID_PASSWORD, message);
  }
}
