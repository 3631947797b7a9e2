package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands that pass. Others could change the server's state in ways that we do not see. */
enum Verb {
  EHLO,
  HELO,
  STARTTLS,
  AUTH,
  MAIL,
  RCPT,
  DATA,
  BDAT,
  RSET,
  NOOP,
  HELP,
  VRFY,
  EXPN,
  QUIT;

  /** RFC 1870, section 4. */
  private static final Pattern SIZE =
      Pattern.compile(" SIZE=([0-9]{1,18})(?: |$)", Pattern.CASE_INSENSITIVE);

  private static final int LONGEST = "STARTTLS".length();

  /** Null where the line begins with none of them. Looks at no more: the rest may be a secret. */
  static Verb of(byte[] line) {
    int end = 0;
    while (end < line.length && end <= LONGEST && line[end] != ' ') {
      end++;
    }
    try {
      return valueOf(new String(line, 0, end, ISO_8859_1).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** What follows the verb. */
  String argument(byte[] line) {
    return new String(line, ISO_8859_1).substring(name().length()).strip();
  }

  /** The size that MAIL announces, or 0. */
  static long announcedSize(byte[] line) {
    Matcher size = SIZE.matcher(new String(line, ISO_8859_1));
    return size.find() ? Long.parseLong(size.group(1)) : 0;
  }
}
