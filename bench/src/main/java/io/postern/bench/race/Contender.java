package io.postern.bench.race;

/** A running mail server that takes SMTP with STARTTLS and serves POP3 with STLS. */
interface Contender extends AutoCloseable {
  String name();

  /** {@code HOST:PORT} on loopback. */
  String smtp();

  /** {@code HOST:PORT} on loopback. */
  String pop3();

  /** The roots of its process trees, comma-separated. */
  String pids();

  /** The login name of mailbox {@code %d}. */
  String login();

  /** Stops what was started for the race, and nothing else. */
  @Override
  void close();
}
