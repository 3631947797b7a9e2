package io.postern.bench.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postern.bench.scaling.Costs.Cpu;
import io.postern.bench.scaling.Simulation.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The simulation against what arithmetic says of cases that are simple enough for it. */
class SimulationTest {
  private static final Cpu MILLISECOND = new Cpu(1000, 0);
  private static final Cpu NOTHING = new Cpu(0, 0);
  private static final int MESSAGES = 20_000;

  /** A millisecond each for ingest, crypto-worker and store-worker, on one core: 333 a second. */
  @Test
  void what_shares_one_core_takes_its_turns() {
    Costs costs = costs(MILLISECOND, MILLISECOND, MILLISECOND);
    Outcome outcome =
        new Simulation(site(true, 1, 1, 1), costs, 1).senders(64, MESSAGES, 1000).run(1e9);
    assertThat(MESSAGES / last(outcome.visibleAt())).isCloseTo(333, within(5.0));
  }

  /** With machines of their own, the slowest stage settles the rate: here the crypto-workers. */
  @Test
  void the_slowest_stage_settles_the_rate() {
    Costs costs = costs(NOTHING, new Cpu(2000, 0), MILLISECOND);
    for (int workers : new int[] {1, 2, 4}) {
      Outcome outcome =
          new Simulation(site(false, 8, workers, 4), costs, 1).senders(64, MESSAGES, 1000).run(1e9);
      assertThat(MESSAGES / last(outcome.visibleAt()))
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
    Costs costs = costs(NOTHING, NOTHING, NOTHING);
    double one = acceptedRate(costs, 1);
    double many = acceptedRate(costs, 32);
    assertThat(one).isCloseTo(100, within(2.0));
    assertThat(many / one).isCloseTo(16, within(1.0));
  }

  private static double acceptedRate(Costs costs, int senders) {
    Outcome outcome =
        new Simulation(site(false, 8, 1, 1), costs, 1).senders(senders, MESSAGES, 0).run(1e9);
    return MESSAGES / last(outcome.acceptedAt());
  }

  @Test
  void workers_that_die_delay_and_lose_nothing() {
    Costs costs = costs(NOTHING, MILLISECOND, MILLISECOND);
    Outcome outcome =
        new Simulation(site(false, 8, 4, 4), costs, 1)
            .arrivals(second -> 500, random -> 1000, 20)
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
    return new Simulation(site(false, 2, 2, 2), costs, seed)
        .arrivals(second -> 100, random -> 1000, 5)
        .run(1e9)
        .visibleAfter();
  }

  private static Costs costs(Cpu ingest, Cpu crypto, Cpu store) {
    return new Costs(ingest, crypto, store, NOTHING, NOTHING, 1, 0);
  }

  private static Site site(boolean shared, int cores, int cryptoWorkers, int storeWorkers) {
    return new Site(
        shared, cores, 1, 1, cryptoWorkers, storeWorkers, 8, 16, 0.01, 1e9, 0, 1e9, 3, 1);
  }

  private static double last(List<Double> times) {
    return times.get(times.size() - 1);
  }
}
