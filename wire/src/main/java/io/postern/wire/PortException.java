package io.postern.wire;

import java.net.BindException;

/** A port that cannot be listened on: the message names it. */
public final class PortException extends BindException {
  private PortException(String message) {
    super(message);
  }

  /**
   * Says which port it was, which the system's own message does not.
   *
   * @param name whose port it is
   * @return the failure itself where it is about something else
   */
  public static Throwable of(String name, String bind, int port, Throwable failure) {
    if (!(failure instanceof BindException)) {
      return failure;
    }
    PortException named =
        new PortException(
            "%s cannot listen on %s:%d: %s".formatted(name, bind, port, reason(failure)));
    named.initCause(failure);
    return named;
  }

  /** Netty's native transport puts the system call and its number in front. */
  private static String reason(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    return text.substring(text.lastIndexOf(": ") < 0 ? 0 : text.lastIndexOf(": ") + 2);
  }
}
