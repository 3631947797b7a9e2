package io.postern.age;

import java.io.IOException;

/** Why an age file cannot be opened, as a category; the message is one line for people. */
public final class AgeException extends IOException {
  /** The kinds of failure, as the public test vectors name them. */
  public enum Category {
    /** The header does not parse. */
    HEADER,
    /** The header parses, but none of the identities opens it. */
    NO_MATCH,
    /** A file key was found, but the header's MAC is wrong. */
    HMAC,
    /** The payload does not authenticate to its end; everything released before was authentic. */
    PAYLOAD,
    /** The ASCII armor is malformed. */
    ARMOR,
    /** The work factor is above the limit; no memory was spent on it. */
    WORK_FACTOR,
    /** A recipient, identity or identity file is malformed. */
    KEY
  }

  private final Category category;

  public AgeException(Category category, String message) {
    super(message);
    this.category = category;
  }

  public AgeException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = category;
  }

  public Category category() {
    return category;
  }
}
