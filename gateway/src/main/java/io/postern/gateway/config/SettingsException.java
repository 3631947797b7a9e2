package io.postern.gateway.config;

/** A setting that cannot stand; the message is one line that says which and how to mend it. */
public final class SettingsException extends RuntimeException {
  public SettingsException(String message) {
    super(message);
  }
}
