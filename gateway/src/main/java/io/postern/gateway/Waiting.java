package io.postern.gateway;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries what others must have made first, until they have, and says in one line now and then what
 * is missing. Blocking; may be told to stop from any thread.
 */
final class Waiting {
  private static final Logger log = LoggerFactory.getLogger(Waiting.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Duration repeat;
  private final Duration patience;

  /** Waits for as long as it takes. */
  Waiting(Duration repeat) {
    this(repeat, Duration.ofNanos(Long.MAX_VALUE));
  }

  /**
   * @param repeat how long the same line is not said again
   * @param patience after which waiting for one thing is given up
   */
  Waiting(Duration repeat, Duration patience) {
    this.repeat = repeat;
    this.patience = patience;
  }

  /** Not there yet; the message says what is missing and who makes it. */
  static final class NotYetException extends Exception {
    NotYetException(String message) {
      super(message);
    }
  }

  /** The process is to stop, and what it waited for never came. */
  static final class StoppedException extends RuntimeException {
    StoppedException() {
      super("stopped while waiting");
    }
  }

  /** Something that may have to be tried more than once. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws NotYetException;
  }

  /**
   * The first result that the attempt gives.
   *
   * @throws StoppedException where {@link #stop} was called meanwhile
   * @throws CommandFailure says what is still missing when patience has ended
   */
  <T> T until(Attempt<T> attempt) {
    String said = "";
    long saidNanos = 0;
    long startedNanos = System.nanoTime();
    Duration pause = FIRST_PAUSE;
    while (true) {
      requireNotStopped(Duration.ZERO);
      try {
        return attempt.run();
      } catch (NotYetException e) {
        if (System.nanoTime() - startedNanos >= patience.toNanos()) {
          throw new CommandFailure(e.getMessage(), e);
        }
        boolean silentLong = System.nanoTime() - saidNanos >= repeat.toNanos();
        if (silentLong || !said.equals(e.getMessage())) {
          log.warn("waiting: {}", e.getMessage());
          said = e.getMessage();
          saidNanos = System.nanoTime();
        }
      }
      requireNotStopped(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private void requireNotStopped(Duration within) {
    try {
      if (stopped.await(within.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new StoppedException();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoppedException();
    }
  }

  /** Ends all waiting, at once or when the attempt that runs has ended. */
  void stop() {
    stopped.countDown();
  }
}
