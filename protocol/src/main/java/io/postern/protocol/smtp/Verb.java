package io.postern.protocol.smtp;

import static io.postern.protocol.smtp.Phase.CHUNKS;
import static io.postern.protocol.smtp.Phase.GREETED;
import static io.postern.protocol.smtp.Phase.READY;
import static io.postern.protocol.smtp.Phase.RECIPIENTS;
import static io.postern.protocol.smtp.Phase.SENDER;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The verbs, and when each is legal. */
enum Verb {
  EHLO(Protection.NOT_NEEDED, EnumSet.allOf(Phase.class)),
  HELO(Protection.NOT_NEEDED, EnumSet.allOf(Phase.class)),
  STARTTLS(Protection.NOT_NEEDED, EnumSet.of(GREETED, READY)),
  MAIL(Protection.AS_SET, EnumSet.of(READY)),
  RCPT(Protection.AS_SET, EnumSet.of(SENDER, RECIPIENTS)),
  DATA(Protection.AS_SET, EnumSet.of(RECIPIENTS)),
  BDAT(Protection.AS_SET, EnumSet.of(RECIPIENTS, CHUNKS)),
  RSET(Protection.NOT_NEEDED, EnumSet.allOf(Phase.class)),
  NOOP(Protection.NOT_NEEDED, EnumSet.allOf(Phase.class)),
  QUIT(Protection.NOT_NEEDED, EnumSet.allOf(Phase.class)),
  VRFY(Protection.AS_SET, EnumSet.allOf(Phase.class)),
  EXPN(Protection.AS_SET, EnumSet.allOf(Phase.class)),
  HELP(Protection.AS_SET, EnumSet.allOf(Phase.class)),
  AUTH(Protection.AS_SET, EnumSet.allOf(Phase.class));

  /** Octets of a command, CRLF included (RFC 5321, section 4.5.3.1.4). */
  static final int MAX_LINE_BYTES = 512;

  /**
   * The same for MAIL and RCPT, whose parameters and addresses extensions allow to be longer (RFC
   * 1870, 3030, 6152, 6531); generous, since no sender's address should fail for it.
   */
  static final int MAX_PATH_LINE_BYTES = 2048;

  private enum Protection {
    NOT_NEEDED,
    /** Needs TLS where the settings require it. */
    AS_SET
  }

  private final Protection protection;
  private final Set<Phase> phases;

  Verb(Protection protection, Set<Phase> phases) {
    this.protection = protection;
    this.phases = phases;
  }

  /** The verb of that name in any case. */
  static Optional<Verb> of(String name) {
    try {
      return Optional.of(valueOf(name.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  boolean legalIn(Phase phase) {
    return phases.contains(phase);
  }

  /** Whether TLS must be on where the settings require it (RFC 3207, section 4). */
  boolean protectable() {
    return protection == Protection.AS_SET;
  }

  int maxLineBytes() {
    return this == MAIL || this == RCPT ? MAX_PATH_LINE_BYTES : MAX_LINE_BYTES;
  }
}
