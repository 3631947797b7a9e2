package io.postern.pipeline;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Header;

/** Sends records to topics. Never blocks. */
public interface Outbox {
  /** Begins a run of records that keep their order and share a partition, chosen by the key. */
  Run run(String topic, String key);

  /** Says that nothing more comes for now: what waits for company goes. */
  default void flush() {}

  /** Records of one key, one after the other. */
  interface Run {
    /** Completes once the record is acknowledged; fails with {@link PipelineException}. */
    CompletableFuture<Void> send(Iterable<Header> headers, byte[] value);
  }
}
