package io.postern.bench.scaling;

import io.postern.bench.scaling.Simulation.Outcome;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * What docs/scaling.md says in figures: a large site by arithmetic, the same by simulation, and how
 * the simulation of the small machine compares with what was measured there.
 */
public final class Scaling {
  /**
   * What was measured on the small machine with everything at work at once.
   *
   * @param accepted messages a second
   * @param visible messages a second, until the last could be listed
   * @param besides microseconds of CPU for each message that went to something else meanwhile: the
   *     compiler of the JVM, unlocking, the load program, the machine's other work
   */
  record Measured(String what, double octets, double accepted, double visible, double besides) {}

  /** The load program with 32 connections, after 8,000 messages to warm up. */
  private static final List<Measured> MEASURED =
      List.of(
          new Measured("4 KB", 4_096, 482, 424, 1847),
          new Measured("75 KB", 76_800, 307, 268, 3351),
          new Measured("1 MB", 1_048_576, 42, 39, 28_925));

  private static final long SEED = 1;
  private static final double MEAN_OCTETS = 75_000;
  private static final Plan HUNDRED_MILLION = new Plan(100e6, MEAN_OCTETS, 4, 3);

  private final PrintWriter out;
  private final Costs costs;
  private final Site small;
  private final List<Measured> measured;

  Scaling(PrintWriter out, Costs costs, Site small, List<Measured> measured) {
    this.out = out;
    this.costs = costs;
    this.small = small;
    this.measured = measured;
  }

  /** With what was measured on a machine of two cores. */
  public static Scaling measuredHere(PrintWriter out) {
    return new Scaling(out, Costs.MEASURED, Site.MEASURED, MEASURED);
  }

  /** Prints everything, as tables in Markdown. */
  public void print() {
    printAgreement();
    printPlan();
    printLimits();
    printFailures();
    out.flush();
  }

  private void printAgreement() {
    line(
        "| small machine | measured in/s | simulated in/s | measured stored/s | simulated stored/s |");
    line("| --- | --- | --- | --- | --- |");
    for (Measured one : measured) {
      int messages = (int) (20 * one.accepted());
      Outcome outcome = flood(one, messages);
      double in = messages / lastOf(outcome.acceptedAt());
      double stored = messages / lastOf(outcome.visibleAt());
      line(
          "| %s | %.0f | %.0f | %.0f | %.0f |",
          one.what(), one.accepted(), in, one.visible(), stored);
    }
    line("");
  }

  /** As many senders as the load program had, each sending as fast as it is answered. */
  private Outcome flood(Measured one, int messages) {
    Simulation simulation = new Simulation(small, costs.besides(one.besides()), SEED);
    simulation.senders(32, messages, one.octets());
    return simulation.run(Double.MAX_VALUE);
  }

  private void printPlan() {
    Plan plan = HUNDRED_MILLION;
    Site site = plan.site(costs, small);
    line("| 100 million messages a day | |");
    line("| --- | --- |");
    line("| messages/s, mean and busiest hour | %.0f, %.0f |", 100e6 / 86_400, plan.peakRate());
    line("| mail in, busiest hour | %.0f MB/s |", plan.peakOctets() / 1e6);
    line("| ingest | %d of 8 cores |", site.ingests());
    line(
        "| brokers | %d, together %.0f MB/s to disk |",
        site.brokers(), plan.brokerOctets(costs) / 1e6);
    line("| crypto-workers | %d of 1 core |", site.cryptoWorkers());
    line(
        "| store-workers | %d of 1 core, %d calls each |",
        site.storeWorkers(), site.storeThreads());
    line("| partitions of raw and of sealed | %d each |", site.partitions());
    line("| PUT requests/s | %.0f |", plan.peakRate());
    line("| network inside, busiest hour | %.0f MB/s |", plan.networkOctets() / 1e6);
    line(
        "| for a million messages | %.2f core-hours, %.0f GB to disks, %.0f GB network, %.0f GB stored,"
            + " 1 million PUT requests |",
        plan.coreHoursPerMillion(costs),
        plan.brokerOctets(costs) / plan.peakRate() / 1e3,
        plan.networkOctets() / plan.peakRate() / 1e3,
        MEAN_OCTETS / 1e3);
    line("");
  }

  private void printLimits() {
    line("| load | accepted/s | 250 p50 / p99 | in store p50 / p99 | busiest |");
    line("| --- | --- | --- | --- | --- |");
    for (double factor : new double[] {0.25, 0.5, 1, 1.5, 2, 2.5}) {
      double rate = HUNDRED_MILLION.peakRate() * factor;
      double seconds = 30;
      Outcome outcome =
          new Simulation(HUNDRED_MILLION.site(costs, small), costs, SEED)
              .arrivals(second -> rate, exponential(MEAN_OCTETS), seconds)
              .run(seconds);
      Simulation.Load busiest = outcome.loads().get(0);
      line(
          "| %.2f × busiest hour | %.0f | %s | %s | %s %.0f %% |",
          factor,
          outcome.acceptedAt().size() / seconds,
          milliseconds(outcome.acceptedAfter()),
          milliseconds(outcome.visibleAfter()),
          busiest.resource(),
          100 * busiest.utilisation());
    }
    line("");
  }

  private void printFailures() {
    line("| failure in the busiest hour | in store p50 / p99 / longest | lost |");
    line("| --- | --- | --- |");
    double rate = HUNDRED_MILLION.peakRate();
    double seconds = 60;
    Site site = HUNDRED_MILLION.site(costs, small);
    for (int dead : new int[] {0, 1, site.cryptoWorkers() / 4}) {
      Simulation simulation =
          new Simulation(site, costs, SEED)
              .arrivals(second -> rate, exponential(MEAN_OCTETS), seconds);
      for (int i = 0; i < dead; i++) {
        simulation.killCryptoWorker(i, 20).killStoreWorker(i, 20);
      }
      Outcome outcome = simulation.run(10 * seconds);
      double[] visible = outcome.visibleAfter();
      line(
          "| %d crypto- and %d store-workers die | %s / %.0f ms | %d |",
          dead,
          dead,
          milliseconds(visible),
          1e3 * visible[visible.length - 1],
          outcome.acceptedAt().size() - visible.length);
    }
    line("");
  }

  private static ToDoubleFunction<Random> exponential(double mean) {
    return random -> -mean * Math.log(1 - random.nextDouble());
  }

  private static String milliseconds(double[] sorted) {
    return String.format(
        Locale.ROOT,
        "%.0f / %.0f ms",
        1e3 * Outcome.quantile(sorted, 0.5),
        1e3 * Outcome.quantile(sorted, 0.99));
  }

  private static double lastOf(List<Double> times) {
    return times.get(times.size() - 1);
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
