package io.postern.pipeline.work;

import io.postern.pipeline.RawSettings;
import java.time.Duration;

/**
 * How a worker works.
 *
 * @param budgetBytes memory for open messages of more than one slice
 * @param inFlightBytes handed on and not yet durable, before no more is begun
 * @param senderTimeout after which a silent sender is taken for gone
 * @param commitInterval between commits of the low-water marks
 * @param handOver how long a partition that is taken away waits for what is under way
 * @param ledgerSlack how far the clocks of two nodes may lie apart
 * @param recentCopies finished copies that a worker remembers at least
 * @param groupProtocol Kafka's {@code group.protocol}: classic or consumer
 */
public record WorkerSettings(
    long budgetBytes,
    long inFlightBytes,
    Duration senderTimeout,
    Duration commitInterval,
    Duration handOver,
    Duration ledgerSlack,
    int recentCopies,
    String groupProtocol) {

  public static final WorkerSettings DEFAULT =
      new WorkerSettings(
          48 * 1024 * 1024,
          16 * 1024 * 1024,
          RawSettings.DEFAULT_SENDER_TIMEOUT,
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          100_000,
          "classic");

  public WorkerSettings {
    if (budgetBytes < 1 || inFlightBytes < 1 || recentCopies < 1) {
      throw new IllegalArgumentException("a worker needs room to work");
    }
    if (!groupProtocol.equals("classic") && !groupProtocol.equals("consumer")) {
      throw new IllegalArgumentException("group protocol is classic or consumer");
    }
  }
}
