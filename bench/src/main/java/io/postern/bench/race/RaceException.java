package io.postern.bench.race;

/** Why there is no result, in one line. */
public final class RaceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RaceException(String message) {
    super(message);
  }

  RaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
