package io.postern.pipeline.work;

/**
 * How a job ended.
 *
 * @param reason why it is {@link Kind#DEAD}; else null
 */
public record Outcome(Kind kind, DeadReason reason) {
  /** What follows. */
  public enum Kind {
    /** Everything is durable: the message is finished. */
    DONE,
    /** Something is away: the message is read again from its first slice. */
    RETRY,
    /** The message goes to topic {@code dead}. */
    DEAD
  }

  public static final Outcome DONE = new Outcome(Kind.DONE, null);
  public static final Outcome RETRY = new Outcome(Kind.RETRY, null);

  public static Outcome dead(DeadReason reason) {
    return new Outcome(Kind.DEAD, reason);
  }
}
