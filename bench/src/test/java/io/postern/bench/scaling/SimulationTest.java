package io.postern.bench.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postern.bench.scaling.Costs.Besides;
import io.postern.bench.scaling.Costs.Cpu;
import io.postern.bench.scaling.Site.Waits;
import org.junit.jupiter.api.Test;

/** The simulation against what arithmetic says of cases that are simple enough for it. */
class SimulationTest {
  private static final Cpu MILLISECOND = new Cpu(1000, 0);
  private static final Cpu NOTHING = Cpu.NONE;
  private static final int MESSAGES = 20_000;
  private static final double SMALL = 1000;
  private static final double SIXTEEN_KB = 16 << 10;

  /** A millisecond each for ingest, crypto-worker and store-worker, on one core: 333 a second. */
  @Test
  void what_shares_one_core_takes_its_turns() {
    Costs costs = costs(MILLISECOND, MILLISECOND, MILLISECOND);
    Outcome outcome =
        new Simulation(site(true, 1, 1, 1), costs, 1).senders(64, MESSAGES, SMALL).run(1e9);
    assertThat(outcome.storedPerSecond()).isCloseTo(333, within(5.0));
  }

  /**
   * While senders keep the only core busy a worker reads two mebibytes a second, 128 messages, and
   * the other 872 milliseconds are the senders'; what waits is stored afterwards.
   */
  @Test
  void senders_come_first_where_all_is_one_process() {
    Costs costs = costs(MILLISECOND, MILLISECOND, NOTHING);
    Outcome outcome =
        new Simulation(site(true, 1, 1, 1), costs, 1).senders(64, 5000, SIXTEEN_KB).run(1e9);
    assertThat(outcome.acceptedPerSecond()).isCloseTo(872, within(20.0));
    assertThat(outcome.storedPerSecond()).isCloseTo(500, within(10.0));
  }

  /** A machine of its own has no senders: its worker begins at once. */
  @Test
  void a_worker_alone_waits_for_no_sender() {
    Costs costs = costs(MILLISECOND, MILLISECOND, NOTHING);
    Outcome outcome =
        new Simulation(site(false, 1, 1, 1), costs, 1).senders(64, 5000, SIXTEEN_KB).run(1e9);
    assertThat(outcome.storedPerSecond()).isCloseTo(outcome.acceptedPerSecond(), within(20.0));
  }

  /** With machines of their own, the slowest stage settles the rate: here the crypto-workers. */
  @Test
  void the_slowest_stage_settles_the_rate() {
    Costs costs = costs(NOTHING, new Cpu(2000, 0), MILLISECOND);
    for (int workers : new int[] {1, 2, 4}) {
      Outcome outcome =
          new Simulation(site(false, 8, workers, 16), costs, 1)
              .senders(64, MESSAGES, SMALL)
              .run(1e9);
      assertThat(outcome.storedPerSecond())
          .as("%d workers", workers)
          .isCloseTo(500.0 * workers, within(25.0 * workers));
      assertThat(outcome.loads().get(0).resource()).startsWith("crypto-worker");
      assertThat(outcome.loads().get(0).utilisation()).isGreaterThan(0.95);
    }
  }

  /**
   * One flush serves all who wait for it. While one batch is flushed the next gathers, so each
   * sender is served by every other flush: 32 senders get 16 times the rate of one.
   */
  @Test
  void one_flush_serves_all_who_wait() {
    double one = accepted(1, 1);
    double many = accepted(32, 1);
    assertThat(one).isCloseTo(100, within(2.0));
    assertThat(many / one).isCloseTo(16, within(1.0));
  }

  /** Further replicas are written side by side, after the first. */
  @Test
  void replicas_take_one_flush_more_however_many() {
    assertThat(accepted(1, 2)).isCloseTo(50, within(1.0));
    assertThat(accepted(1, 3)).isCloseTo(50, within(1.0));
  }

  private static double accepted(int senders, int replicas) {
    Site site = site(false, 8, 1, 1, 1, replicas, 0);
    return new Simulation(site, costs(NOTHING, NOTHING, NOTHING), 1)
        .senders(senders, 2000, 0)
        .run(1e9)
        .acceptedPerSecond();
  }

  /**
   * 512 files, eight at a time, are flushed in 64 times 10 ms; then one directory in 10 ms, or 32
   * of them, eight at a time, in 40.
   */
  @Test
  void objects_are_committed_in_groups() {
    assertThat(stored(1)).isCloseTo(512 / 0.650, within(10.0));
    assertThat(stored(32)).isCloseTo(512 / 0.680, within(10.0));
  }

  private static double stored(int mailboxes) {
    Site site = site(true, 2, 1, 1, 1, 1, mailboxes);
    return new Simulation(site, costs(NOTHING, NOTHING, NOTHING), 1)
        .senders(64, 10 * MESSAGES, SMALL)
        .run(1e9)
        .storedPerSecond();
  }

  @Test
  void workers_that_die_delay_and_lose_nothing() {
    Costs costs = costs(NOTHING, MILLISECOND, MILLISECOND);
    Outcome outcome =
        new Simulation(site(false, 8, 4, 16), costs, 1)
            .arrivals(second -> 500, random -> SMALL, 20)
            .killCryptoWorker(1, 5)
            .killCryptoWorker(2, 5)
            .killStoreWorker(2, 8)
            .run(1e9);
    assertThat(outcome.visibleAfter()).hasSize(outcome.acceptedAt().size());
    double[] delays = outcome.visibleAfter();
    // Who came just before the death waits until both groups have noticed, and for the redoing.
    assertThat(delays[delays.length - 1]).isBetween(3.0, 7.0);
    assertThat(Outcome.quantile(delays, 0.5)).isLessThan(0.1);
  }

  @Test
  void the_same_seed_gives_the_same_run() {
    Costs costs = costs(MILLISECOND, MILLISECOND, MILLISECOND);
    assertThat(delays(costs, 7)).isEqualTo(delays(costs, 7)).isNotEqualTo(delays(costs, 8));
  }

  private static double[] delays(Costs costs, long seed) {
    return new Simulation(site(false, 2, 2, 16), costs, seed)
        .arrivals(second -> 100, random -> SMALL, 5)
        .run(1e9)
        .visibleAfter();
  }

  private static Costs costs(Cpu ingest, Cpu crypto, Cpu store) {
    return new Costs(
        ingest, NOTHING, crypto, NOTHING, store, NOTHING, NOTHING, Besides.NOTHING, 1, 0);
  }

  private static Site site(boolean shared, int cores, int workers, int partitions) {
    return site(shared, cores, workers, partitions, 1, 1, 0);
  }

  private static Site site(
      boolean shared,
      int cores,
      int workers,
      int partitions,
      int brokers,
      int replicas,
      int mailboxes) {
    double putSeconds = mailboxes > 0 ? 0.01 : 0;
    return new Site(
        shared,
        cores,
        1,
        Math.max(brokers, replicas),
        workers,
        workers,
        8,
        partitions,
        replicas,
        mailboxes,
        new Waits(0.01, 1e9, putSeconds, 1e9, 0.01, 3, 1));
  }
}
