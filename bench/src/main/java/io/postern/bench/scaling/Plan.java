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
  private static final int STORE_THREADS = 8;

  /** One may die in the busiest hour, and the others still have half of their time left. */
  private static final int SPARE_WORKERS = 1;

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
    return peakRate() * 2 * costs.kept(meanOctets) * replicas;
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
            + costs.put().seconds(meanOctets)
            + costs.pop3().seconds(meanOctets)
            + (costs.raw().seconds(meanOctets) + costs.sealed().seconds(meanOctets)) * replicas;
    return seconds * 1e6 / 3600;
  }

  /** The site that this makes, with disks and an object store like these. */
  Site site(Costs costs, Site.Waits waits) {
    int brokers =
        Math.max(
            LEAST_BROKERS,
            Math.max(
                roundUp(brokerOctets(costs) / waits.diskOctetsPerSecond() / USABLE),
                roundUp((cores(costs.raw()) + cores(costs.sealed())) * replicas / CORES)));
    int crypto = SPARE_WORKERS + roundUp(cores(costs.crypto()));
    double putSeconds = waits.putSeconds() + meanOctets / waits.putOctetsPerSecond();
    int store =
        SPARE_WORKERS
            + Math.max(
                roundUp(cores(costs.store()) + cores(costs.put())),
                roundUp(peakRate() * putSeconds / STORE_THREADS / USABLE));
    return new Site(
        false,
        CORES,
        Math.max(2, roundUp(cores(costs.ingest()) / CORES)),
        brokers,
        crypto,
        store,
        STORE_THREADS,
        partitions(Math.max(crypto, store), brokers),
        replicas,
        0,
        waits);
  }

  /**
   * At least three for each worker, so that a dead worker's share spreads over several others, and
   * as many on each broker.
   */
  private static int partitions(int workers, int brokers) {
    return brokers * roundUp(3.0 * workers / brokers);
  }

  private static int roundUp(double amount) {
    return (int) Math.max(1, Math.ceil(amount));
  }
}
