package io.postern.protocol.pop3;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes commands of lines. */
final class CommandParser {
  /** A command line with its CRLF (RFC 2449, section 4). */
  static final int MAX_LINE_BYTES = 255;

  private CommandParser() {}

  /**
   * Parses one line.
   *
   * @param line without its CRLF; not kept
   */
  static Command parse(byte[] line) throws Refusal {
    int end = 0;
    while (end < line.length && line[end] != ' ') {
      end++;
    }
    Verb verb = Verb.named(line, end).orElseThrow(() -> new Refusal("there is no such command"));
    // An initial response has the limit of a response instead (RFC 5034, section 4).
    if (verb != Verb.AUTH && line.length + 2 > MAX_LINE_BYTES) {
      throw new Refusal("line too long");
    }
    byte[] argument = Arrays.copyOfRange(line, Math.min(end + 1, line.length), line.length);
    return switch (verb) {
      case CAPA, QUIT, STLS, UTF8, STAT, RSET, NOOP, LAST -> plain(verb, argument);
      case LIST, UIDL -> scan(verb, argument);
      case RETR, DELE -> numbered(verb, argument);
      case TOP -> top(argument);
      case USER -> user(argument);
      case PASS -> pass(argument);
      case AUTH -> auth(argument);
    };
  }

  private static Command plain(Verb verb, byte[] argument) throws Refusal {
    if (words(argument).length > 0) {
      throw new Refusal(verb + " takes no argument");
    }
    return new Command.Plain(verb);
  }

  private static Command scan(Verb verb, byte[] argument) throws Refusal {
    String[] words = words(argument);
    if (words.length > 1) {
      throw new Refusal(verb + " takes at most a message number");
    }
    return new Command.Scan(
        verb, words.length == 0 ? OptionalInt.empty() : OptionalInt.of(messageNumber(words[0])));
  }

  private static Command numbered(Verb verb, byte[] argument) throws Refusal {
    String[] words = words(argument);
    if (words.length != 1) {
      throw new Refusal(verb + " takes a message number");
    }
    return new Command.Numbered(verb, messageNumber(words[0]));
  }

  private static Command top(byte[] argument) throws Refusal {
    String[] words = words(argument);
    if (words.length != 2) {
      throw new Refusal("TOP takes a message number and a number of lines");
    }
    return new Command.Top(messageNumber(words[0]), number(words[1]));
  }

  private static Command user(byte[] argument) throws Refusal {
    String name = withoutBlanks(utf8(argument));
    if (name.isEmpty()) {
      throw new Refusal("USER takes a mailbox's address");
    }
    return new Command.User(name);
  }

  private static Command pass(byte[] argument) throws Refusal {
    if (argument.length == 0) {
      throw new Refusal("PASS takes a password");
    }
    return new Command.Pass(argument);
  }

  /**
   * Cuts octets, not strings: an initial response holds a password, and strings cannot be wiped.
   */
  private static Command auth(byte[] argument) {
    int end = argument.length;
    while (end > 0 && argument[end - 1] == ' ') {
      end--;
    }
    int blank = 0;
    while (blank < end && argument[blank] != ' ') {
      blank++;
    }
    String mechanism = new String(argument, 0, blank, StandardCharsets.US_ASCII);
    Optional<byte[]> response =
        blank < end ? Optional.of(Arrays.copyOfRange(argument, blank + 1, end)) : Optional.empty();
    Arrays.fill(argument, (byte) 0);
    return new Command.Auth(
        Optional.of(mechanism.toUpperCase(Locale.ROOT)).filter(name -> !name.isEmpty()), response);
  }

  private static int messageNumber(String digits) throws Refusal {
    long number = number(digits);
    if (number == 0) {
      throw new Refusal("message numbers start at 1");
    }
    return (int) Math.min(number, Integer.MAX_VALUE);
  }

  /** A decimal number; one that is too large to be of use counts as the largest. */
  private static long number(String digits) throws Refusal {
    long number = 0;
    for (char c : digits.toCharArray()) {
      if (c < '0' || c > '9') {
        throw new Refusal("not a number");
      }
      number = number > Long.MAX_VALUE / 10 - 1 ? Long.MAX_VALUE / 10 : number * 10 + (c - '0');
    }
    return number;
  }

  private static String[] words(byte[] argument) {
    String text = withoutBlanks(new String(argument, StandardCharsets.ISO_8859_1));
    return text.isEmpty() ? new String[0] : text.split(" +");
  }

  /** Without the blanks at either end, which people who type put there. */
  private static String withoutBlanks(String text) {
    return text.replaceAll("^ +| +$", "");
  }

  /** Names may be UTF-8 (RFC 6856, section 2.2). */
  static String utf8(byte[] octets) throws Refusal {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      throw new Refusal("not UTF-8");
    }
  }
}
