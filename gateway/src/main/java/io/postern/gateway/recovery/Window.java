package io.postern.gateway.recovery;

import io.postern.pipeline.Ulids;
import java.time.Instant;

/**
 * Which messages, by the time at which they came: their ids tell.
 *
 * @param since the first moment that belongs to it
 * @param until the first that does not
 */
record Window(Instant since, Instant until) {
  static final Window ALWAYS = new Window(Instant.EPOCH, Instant.MAX);

  boolean holds(String messageId) {
    Instant came = Ulids.time(messageId);
    return !came.isBefore(since) && came.isBefore(until);
  }
}
