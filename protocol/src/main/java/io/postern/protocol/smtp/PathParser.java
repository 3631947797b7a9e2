package io.postern.protocol.smtp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the paths of MAIL and RCPT (RFC 5321, section 4.1.2; RFC 6531, section 3.3). Source routes
 * are accepted and ignored (RFC 5321, appendix C). Underscores in domains are let pass, since mail
 * from such hosts exists.
 */
final class PathParser {
  private static final String UTF8 = "\\x{80}-\\x{10FFFF}";
  private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~" + UTF8 + "-]+";
  private static final String DOT_STRING = ATOM + "(?:\\." + ATOM + ")*+";
  private static final String QUOTED_STRING = "\"(?:[ !#-\\[\\]-~" + UTF8 + "]|\\\\[ -~])*+\"";
  private static final String LABEL =
      "[A-Za-z0-9_" + UTF8 + "](?:[A-Za-z0-9_" + UTF8 + "-]*+)(?<!-)";
  private static final String DOMAIN = LABEL + "(?:\\." + LABEL + ")*+";
  private static final String ADDRESS_LITERAL = "\\[[!-Z^-~]+\\]";
  private static final String MAILBOX =
      "(?:" + DOT_STRING + "|" + QUOTED_STRING + ")@(?:" + DOMAIN + "|" + ADDRESS_LITERAL + ")";
  private static final String SOURCE_ROUTE = "(?:@" + DOMAIN + "(?:,@" + DOMAIN + ")*+:)?";

  private static final Pattern REVERSE_PATH =
      Pattern.compile("<(?:" + SOURCE_ROUTE + "(?<mailbox>" + MAILBOX + "))?>(?= |$)");
  private static final Pattern FORWARD_PATH =
      Pattern.compile(
          "<(?:" + SOURCE_ROUTE + "(?<mailbox>" + MAILBOX + "|(?i:postmaster)))>(?= |$)");

  private final String text;
  private int at;

  private PathParser(String text) {
    this.text = text;
  }

  /** Expects a keyword in any case. Spaces behind it are wrong and common: let pass. */
  static PathParser after(String keyword, String text) throws SyntaxException {
    if (!text.regionMatches(true, 0, keyword, 0, keyword.length())) {
      throw new SyntaxException(Replies.PATH_EXPECTED);
    }
    return new PathParser(text.substring(keyword.length()).stripLeading());
  }

  /** The mailbox, or nothing for the null path {@code <>}. */
  String reversePath() throws SyntaxException {
    return path(REVERSE_PATH, Replies.BAD_SENDER);
  }

  /** The mailbox, or {@code postmaster}, which needs no domain (RFC 5321, section 4.5.1). */
  String forwardPath() throws SyntaxException {
    return path(FORWARD_PATH, Replies.BAD_RECIPIENT);
  }

  /** What comes behind the path. */
  String rest() {
    return text.substring(at).strip();
  }

  private String path(Pattern pattern, Reply otherwise) throws SyntaxException {
    Matcher path = pattern.matcher(text);
    if (!path.lookingAt()) {
      throw new SyntaxException(otherwise);
    }
    at = path.end();
    String mailbox = path.group("mailbox");
    return mailbox == null ? "" : mailbox;
  }
}
