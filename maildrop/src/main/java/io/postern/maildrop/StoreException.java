package io.postern.maildrop;

import java.io.IOException;

/** Why the store did not do what was asked. */
public final class StoreException extends IOException {
  public enum Category {
    NOT_FOUND,
    /** Worth another try: the store is away, slow or full. */
    TEMPORARY,
    /** The credentials or rights are wrong. */
    DENIED,
    /** The key or the object is not one that this store can hold. */
    INVALID
  }

  private final Category category;

  public StoreException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = category;
  }

  public Category category() {
    return category;
  }
}
