package io.postern.protocol.pop3;

import static io.postern.protocol.pop3.Verb.Cover.ANY;
import static io.postern.protocol.pop3.Verb.Cover.CLEAR;
import static io.postern.protocol.pop3.Verb.Cover.TLS;
import static io.postern.protocol.pop3.Verb.Phase.AUTHORIZATION;
import static io.postern.protocol.pop3.Verb.Phase.TRANSACTION;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The commands, and the one table that says when each is legal. */
enum Verb {
  CAPA(ANY, AUTHORIZATION, TRANSACTION), // RFC 2449, section 5
  QUIT(ANY, AUTHORIZATION, TRANSACTION),
  STLS(CLEAR, AUTHORIZATION), // RFC 2595, section 4
  UTF8(ANY, AUTHORIZATION), // RFC 6856, section 2.1
  USER(TLS, AUTHORIZATION),
  PASS(TLS, AUTHORIZATION),
  AUTH(TLS, AUTHORIZATION), // RFC 5034
  STAT(TLS, TRANSACTION),
  LIST(TLS, TRANSACTION),
  UIDL(TLS, TRANSACTION),
  RETR(TLS, TRANSACTION),
  TOP(TLS, TRANSACTION),
  DELE(TLS, TRANSACTION),
  RSET(TLS, TRANSACTION),
  NOOP(TLS, TRANSACTION),
  LAST(TLS, TRANSACTION); // RFC 1460

  /** A session's state (RFC 1939, section 3). UPDATE takes no commands. */
  enum Phase {
    AUTHORIZATION,
    TRANSACTION
  }

  /** Whether a verb needs TLS, or needs that there is none yet. */
  enum Cover {
    ANY,
    CLEAR,
    TLS
  }

  private final Cover cover;
  private final Set<Phase> phases;

  Verb(Cover cover, Phase first, Phase... others) {
    this.cover = cover;
    this.phases = EnumSet.of(first, others);
  }

  /** The verb of that name in any case (RFC 1939, section 3), if there is one. */
  static Optional<Verb> named(byte[] line, int length) {
    String name = new String(line, 0, length, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
    for (Verb verb : values()) {
      if (verb.name().equals(name)) {
        return Optional.of(verb);
      }
    }
    return Optional.empty();
  }

  /**
   * Why this verb is refused in that phase and under that protection, or empty where it is legal.
   */
  Optional<Reply> refusal(Phase phase, boolean tls) {
    if (!phases.contains(phase)) {
      return Optional.of(
          Reply.error(
              phase == AUTHORIZATION ? "log in first" : name() + " is for before the login"));
    }
    if (cover == TLS && !tls) {
      return Optional.of(new Reply(Reply.Status.AUTH, "TLS is required first: use STLS"));
    }
    if (cover == CLEAR && tls) {
      return Optional.of(Reply.error("TLS is on already"));
    }
    return Optional.empty();
  }
}
