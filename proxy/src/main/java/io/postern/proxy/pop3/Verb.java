package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;

/** The commands that pass: of others nobody knows how long their answers are. */
enum Verb {
  CAPA,
  STLS,
  USER,
  PASS,
  APOP,
  AUTH,
  STAT,
  LIST,
  UIDL,
  RETR,
  TOP,
  DELE,
  NOOP,
  RSET,
  LAST,
  UTF8,
  QUIT;

  private static final int LONGEST = 4;

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

  /** The words that follow the verb. */
  String[] arguments(byte[] line) {
    String rest = new String(line, name().length(), line.length - name().length(), UTF_8).trim();
    return rest.isEmpty() ? new String[0] : rest.split(" +");
  }
}
