package io.postern.protocol.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Makes a {@link Command} of a line (RFC 5321, section 4.1). */
final class CommandParser {
  private static final int MAX_SIZE_DIGITS = 20;

  private CommandParser() {}

  /**
   * @param line without its CRLF
   */
  static Command parse(byte[] line) throws SyntaxException {
    String text = text(line);
    int space = text.indexOf(' ');
    String name = space < 0 ? text : text.substring(0, space);
    String argument = space < 0 ? "" : text.substring(space + 1).strip();
    Verb verb = Verb.of(name).orElseThrow(() -> new SyntaxException(Replies.UNKNOWN_COMMAND));
    if (line.length + 2 > verb.maxLineBytes()) {
      throw new SyntaxException(Replies.LINE_TOO_LONG);
    }
    return switch (verb) {
      case EHLO, HELO -> hello(verb, argument);
      case MAIL -> mail(argument);
      case RCPT -> rcpt(argument);
      case BDAT -> bdat(argument);
      case VRFY, EXPN, AUTH -> {
        require(!argument.isEmpty(), Replies.ARGUMENTS_WRONG);
        yield new Command.Plain(verb);
      }
      case STARTTLS, DATA, RSET, QUIT -> {
        require(argument.isEmpty(), Replies.ARGUMENTS_WRONG);
        yield new Command.Plain(verb);
      }
      case NOOP, HELP -> new Command.Plain(verb);
    };
  }

  private static String text(byte[] line) throws SyntaxException {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      throw new SyntaxException(Replies.LINE_MALFORMED);
    }
    // Trailing white space is to be tolerated (RFC 5321, section 4.1.1).
    text = text.stripTrailing();
    require(text.chars().noneMatch(Character::isISOControl), Replies.LINE_MALFORMED);
    return text;
  }

  /** Any name will do: none may be refused for being unverifiable (RFC 5321, section 4.1.4). */
  private static Command hello(Verb verb, String argument) throws SyntaxException {
    boolean oneWord = !argument.isEmpty() && argument.chars().allMatch(c -> c > ' ' && c < 0x7f);
    require(oneWord, Replies.ARGUMENTS_WRONG);
    return new Command.Hello(verb, argument);
  }

  private static Command mail(String argument) throws SyntaxException {
    PathParser path = PathParser.after("FROM:", argument);
    String from = path.reversePath();
    Map<String, String> parameters = parameters(path.rest());
    long sizeBytes = size(parameters.remove("SIZE"));
    Command.Body body = body(parameters.remove("BODY"));
    boolean utf8 = parameters.containsKey("SMTPUTF8");
    if (utf8) {
      require(parameters.remove("SMTPUTF8").isEmpty(), Replies.ARGUMENTS_WRONG);
    }
    require(parameters.isEmpty(), Replies.UNKNOWN_PARAMETER);
    require(utf8 || isAscii(from), Replies.UTF8_NOT_ASKED_FOR);
    return new Command.Mail(from, sizeBytes, body, utf8);
  }

  private static Command rcpt(String argument) throws SyntaxException {
    PathParser path = PathParser.after("TO:", argument);
    String to = path.forwardPath();
    require(parameters(path.rest()).isEmpty(), Replies.UNKNOWN_PARAMETER);
    return new Command.Rcpt(to);
  }

  private static Command bdat(String argument) throws SyntaxException {
    String[] words = argument.split(" +");
    boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
    require(words.length == 1 || last, Replies.ARGUMENTS_WRONG);
    return new Command.Bdat(number(words[0]), last);
  }

  /** Keywords in upper case with their values, which may be empty. */
  private static Map<String, String> parameters(String text) throws SyntaxException {
    Map<String, String> parameters = new HashMap<>();
    if (!text.isEmpty()) {
      for (String parameter : text.split(" +")) {
        int equals = parameter.indexOf('=');
        String keyword = equals < 0 ? parameter : parameter.substring(0, equals);
        String value = equals < 0 ? "" : parameter.substring(equals + 1);
        require(keyword.matches("[A-Za-z0-9][A-Za-z0-9-]*"), Replies.ARGUMENTS_WRONG);
        require(equals < 0 || value.matches("[^=\\s]+"), Replies.ARGUMENTS_WRONG);
        String former = parameters.put(keyword.toUpperCase(Locale.ROOT), value);
        require(former == null, Replies.ARGUMENTS_WRONG);
      }
    }
    return parameters;
  }

  private static long size(String value) throws SyntaxException {
    return value == null ? 0 : number(value);
  }

  private static Command.Body body(String value) throws SyntaxException {
    return switch (value == null ? "7BIT" : value.toUpperCase(Locale.ROOT)) {
      case "7BIT" -> Command.Body.SEVEN_BIT;
      case "8BITMIME" -> Command.Body.EIGHT_BIT_MIME;
      case "BINARYMIME" -> Command.Body.BINARY_MIME;
      default -> throw new SyntaxException(Replies.ARGUMENTS_WRONG);
    };
  }

  /** Up to 20 digits (RFC 1870, RFC 3030); what no long can hold is more than anyone takes. */
  private static long number(String digits) throws SyntaxException {
    require(
        digits.matches("[0-9]+") && digits.length() <= MAX_SIZE_DIGITS, Replies.ARGUMENTS_WRONG);
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  private static void require(boolean condition, Reply otherwise) throws SyntaxException {
    if (!condition) {
      throw new SyntaxException(otherwise);
    }
  }
}
