package io.postern.bench.race;

/** A running mail server that takes SMTP, and serves POP3 with STLS where it serves it. */
interface Contender extends AutoCloseable {
  String name();

  /** {@code HOST:PORT} on loopback. */
  String smtp();

  /** Whether clients are to send by STARTTLS, or in clear. */
  default boolean starttls() {
    return true;
  }

  /** {@code HOST:PORT} on loopback; null where nothing can be fetched. */
  String pop3();

  /** The roots of its process trees, comma-separated. */
  String pids();

  /** The login name of mailbox {@code %d}. */
  String login();

  /**
   * Waits until what the last run has left to do is done, so that the next is not charged for it.
   */
  default void awaitQuiet() {}

  /** Stops what was started for the race, and nothing else. */
  @Override
  void close();
}
