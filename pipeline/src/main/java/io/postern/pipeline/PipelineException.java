package io.postern.pipeline;

/** Why the pipeline did not take or give something. */
public final class PipelineException extends RuntimeException {
  public enum Category {
    /** Kafka is away or slow: worth another try. */
    UNAVAILABLE,
    /** More is waiting than may wait: worth another try later. */
    OVERLOADED,
    /** Kafka refused it for good: size, rights, settings. */
    REFUSED
  }

  private final Category category;

  public PipelineException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = category;
  }

  public Category category() {
    return category;
  }
}
