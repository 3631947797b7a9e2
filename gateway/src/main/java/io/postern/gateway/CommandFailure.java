package io.postern.gateway;

/**
 * Why a command cannot do its work; the message is one line that says what is wrong and how to mend
 * it.
 */
public final class CommandFailure extends RuntimeException {
  public CommandFailure(String message) {
    super(message);
  }

  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
