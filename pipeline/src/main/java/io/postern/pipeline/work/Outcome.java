package io.postern.pipeline.work;

/**
 * How a job ended.
 *
 * @param reason why it is {@link Kind#DEAD}; else null
 * @param cause one line on why it is {@link Kind#RETRY}; else null
 */
public record Outcome(Kind kind, DeadReason reason, String cause) {
  /** What follows. */
  public enum Kind {
    /** Everything is durable: the message is finished. */
    DONE,
    /** Something is away: the message is read again from its first slice. */
    RETRY,
    /** The message goes to topic {@code dead}. */
    DEAD
  }

  public static final Outcome DONE = new Outcome(Kind.DONE, null, null);

  public static Outcome retry(String cause) {
    return new Outcome(Kind.RETRY, null, cause);
  }

  public static Outcome dead(DeadReason reason) {
    return new Outcome(Kind.DEAD, reason, null);
  }
}
