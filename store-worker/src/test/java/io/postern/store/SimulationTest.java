package io.postern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Runs {@code -Dsimulation.seeds} simulations, each run other ones; a failure prints its seed, and
 * {@code -Dsimulation.seed} repeats it.
 */
class SimulationTest {
  private static final int STEPS = 1500;

  @Test
  void whatGot250IsStoredOnceForItsOwnerOnlyWhateverHappens() {
    Long given = Long.getLong("simulation.seed");
    long first = given == null ? System.nanoTime() : given;
    int seeds = given == null ? Integer.getInteger("simulation.seeds", 200) : 1;
    // Also for a JVM that ends before it can say which seed it was: one that is out of memory.
    System.out.println("simulations with seeds from " + first + " to " + (first + seeds - 1));
    int acknowledged = LongStream.range(first, first + seeds).mapToInt(SimulationTest::run).sum();
    assertThat(acknowledged).as("messages that got 250").isPositive();
  }

  private static int run(long seed) {
    try {
      Simulation simulation = new Simulation(seed);
      simulation.run(STEPS);
      return simulation.acknowledgedCount();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("run again with -Dsimulation.seed=" + seed, e);
    }
  }
}
