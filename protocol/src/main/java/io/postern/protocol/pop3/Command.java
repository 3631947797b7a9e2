package io.postern.protocol.pop3;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A command as it came from the peer, parsed and valid in itself; whether it is legal now is {@link
 * Verb#refusal}'s to say. {@link CommandParser} makes them.
 */
sealed interface Command {
  Verb verb();

  /** A verb that takes no argument. */
  record Plain(Verb verb) implements Command {}

  /**
   * LIST or UIDL.
   *
   * @param message a message number from 1, or absent for all
   */
  record Scan(Verb verb, OptionalInt message) implements Command {}

  /**
   * RETR or DELE.
   *
   * @param message a message number from 1
   */
  record Numbered(Verb verb, int message) implements Command {}

  /**
   * TOP.
   *
   * @param message a message number from 1
   * @param lines how many lines of the body, from 0
   */
  record Top(int message, long lines) implements Command {
    @Override
    public Verb verb() {
      return Verb.TOP;
    }
  }

  /** USER with a mailbox's name, not empty. */
  record User(String name) implements Command {
    @Override
    public Verb verb() {
      return Verb.USER;
    }
  }

  /** PASS with the password's octets, blanks and all; whoever takes it wipes it. */
  record Pass(byte[] password) implements Command {
    @Override
    public Verb verb() {
      return Verb.PASS;
    }

    @Override
    public String toString() {
      return "Pass[]";
    }
  }

  /**
   * AUTH (RFC 5034, section 4).
   *
   * @param mechanism upper case; absent where the peer asks for the list
   * @param initialResponse still in Base64, {@code =} for an empty one; whoever takes it wipes it
   */
  record Auth(Optional<String> mechanism, Optional<byte[]> initialResponse) implements Command {
    @Override
    public Verb verb() {
      return Verb.AUTH;
    }

    @Override
    public String toString() {
      return "Auth[" + mechanism.orElse("") + "]";
    }
  }
}
