package io.postern.pipeline;

/** A record or block that is not as docs/pipeline.md says. */
public final class MalformedException extends Exception {
  public MalformedException(String message) {
    super(message);
  }
}
