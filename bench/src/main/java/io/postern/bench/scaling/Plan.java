package io.postern.bench.scaling;

/**
 * How large a site must be for its mail, by arithmetic: what each part costs for each message,
 * times the rate of the busiest hour, with half of every core and disk left free.
 *
 * @param messagesPerDay that the site takes in
 * @param meanOctets of a message
 * @param peakFactor how much busier than the mean the busiest hour is
 * @param replicas of every topic
 */
record Plan(double messagesPerDay, double meanOctets, double peakFactor, int replicas) {
  private static final double SECONDS_PER_DAY = 86_400;
  private static final double USABLE = 0.5;
  private static final int CORES = 8;
  private static final int LEAST_BROKERS = 3;

  /** Messages a second in the busiest hour. */
  double peakRate() {
    return messagesPerDay / SECONDS_PER_DAY * peakFactor;
  }

  /** Octets of mail a second in the busiest hour. */
  double peakOctets() {
    return peakRate() * meanOctets;
  }

  /** Whole cores of one kind of work. */
  double cores(Costs.Cpu cost) {
    return peakRate() * cost.seconds(meanOctets) / USABLE;
  }

  /** Octets a second that all brokers' disks take together. */
  double brokerOctets(Costs costs) {
    double once = 2 * (meanOctets * costs.writeAmplification() + costs.recordOctets());
    return peakRate() * once * replicas;
  }

  /**
   * Octets a second between the site's machines: into each topic and to its further replicas, out
   * of each topic once, into the store and out of it again.
   */
  double networkOctets() {
    return peakOctets() * (2 * (replicas + 1) + 2);
  }

  /** Hours of one core for a million messages, from the sender to the archiver. */
  double coreHoursPerMillion(Costs costs) {
    double seconds =
        costs.ingest().seconds(meanOctets)
            + costs.crypto().seconds(meanOctets)
            + costs.store().seconds(meanOctets)
            + costs.pop3().seconds(meanOctets)
            + costs.broker().seconds(meanOctets) * replicas;
    return seconds * 1e6 / 3600;
  }

  /** The site that this makes, with disks and an object store like these. */
  Site site(Costs costs, Site like) {
    int brokers =
        Math.max(
            LEAST_BROKERS,
            Math.max(
                roundUp(brokerOctets(costs) / like.diskOctetsPerSecond() / USABLE),
                roundUp(cores(costs.broker()) * replicas / CORES)));
    int crypto = roundUp(cores(costs.crypto()));
    double putSeconds = like.putSeconds() + meanOctets / like.putOctetsPerSecond();
    int store =
        Math.max(
            roundUp(cores(costs.store())),
            roundUp(peakRate() * putSeconds / like.storeThreads() / USABLE));
    return new Site(
        false,
        CORES,
        Math.max(2, roundUp(cores(costs.ingest()) / CORES)),
        brokers,
        crypto,
        store,
        like.storeThreads(),
        partitions(Math.max(crypto, store)),
        like.flushSeconds(),
        like.diskOctetsPerSecond(),
        like.putSeconds(),
        like.putOctetsPerSecond(),
        like.takeOverSeconds(),
        like.commitSeconds());
  }

  /** Three for each worker, so that a dead worker's share spreads over several others. */
  private static int partitions(int workers) {
    return 3 * workers;
  }

  private static int roundUp(double amount) {
    return (int) Math.max(1, Math.ceil(amount));
  }
}
