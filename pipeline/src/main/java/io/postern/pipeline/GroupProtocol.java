package io.postern.pipeline;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;

/** Which of Kafka's two ways of sharing partitions out among workers a cluster offers. */
public final class GroupProtocol {
  /** As old as consumer groups. */
  public static final String CLASSIC = "classic";

  /** The brokers decide (KIP-848); nobody stops while others come and go. */
  public static final String CONSUMER = "consumer";

  /** The feature's name in a cluster's metadata; level 1 has the new protocol. */
  private static final String FEATURE = "group.version";

  private GroupProtocol() {}

  /**
   * The newer one where the cluster has it. Blocking.
   *
   * @throws PipelineException where Kafka does not answer
   */
  public static String of(Admin admin) {
    FinalizedVersionRange range =
        KafkaErrors.await(admin.describeFeatures().featureMetadata())
            .finalizedFeatures()
            .get(FEATURE);
    return range != null && range.maxVersionLevel() >= 1 ? CONSUMER : CLASSIC;
  }
}
