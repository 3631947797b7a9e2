package io.postern.broker;

/** Why the broker does not run; the message is one line for people. */
public final class BrokerException extends RuntimeException {
  public BrokerException(String message, Throwable cause) {
    super(message, cause);
  }
}
