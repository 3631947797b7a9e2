package io.postern.bench.scaling;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * What docs/scaling.md says in figures: a large site by arithmetic, the same by simulation, and how
 * the simulation of the small machine compares with what was measured there.
 */
public final class Scaling {
  private static final long SEED = 1;
  private static final int SENDERS = 32;
  private static final double MEAN_OCTETS = 75_000;
  private static final Plan HUNDRED_MILLION = new Plan(100e6, MEAN_OCTETS, 4, 3);

  private final PrintWriter out;
  private final Costs costs = Inputs.SERVICES;
  private final Site.Waits waits = Inputs.SITE_WAITS;

  public Scaling(PrintWriter out) {
    this.out = out;
  }

  /** Prints everything, as tables in Markdown. */
  public void print() {
    printAgreement();
    printDeath();
    printPlan();
    printLimits();
    printFailures();
    out.flush();
  }

  private void printAgreement() {
    line("| small machine | accepted/s, measured | simulated | stored/s, measured | simulated |");
    line("| --- | --- | --- | --- | --- |");
    for (Inputs.Flood run : Inputs.FLOODS) {
      Outcome outcome = flood(run);
      line(
          "| %s | %.0f | %.0f (%s) | %.0f | %.0f (%s) |",
          run.what(),
          run.accepted(),
          outcome.acceptedPerSecond(),
          difference(outcome.acceptedPerSecond(), run.accepted()),
          run.stored(),
          outcome.storedPerSecond(),
          difference(outcome.storedPerSecond(), run.stored()));
    }
    line("");
  }

  /** As many senders as the load program had, each sending as fast as it is answered. */
  static Outcome flood(Inputs.Flood run) {
    return new Simulation(Inputs.SMALL, Inputs.ONE_PROCESS, SEED)
        .others(run.othersMeanwhile(), run.othersAfterwards())
        .senders(SENDERS, run.messages(), run.octets())
        .run(Double.MAX_VALUE);
  }

  /** Two crypto-workers, one of which dies. */
  private void printDeath() {
    Inputs.Death death = Inputs.DEATH;
    Outcome outcome =
        new Simulation(Inputs.SMALL_SERVICES, Inputs.SERVICES, SEED)
            .arrivals(second -> death.perSecond(), random -> death.octets(), death.seconds())
            .killCryptoWorker(0, death.killedAt())
            .run(Double.MAX_VALUE);
    double[] after = outcome.visibleAfter();
    line("| a crypto-worker of two is killed | measured | simulated |");
    line("| --- | --- | --- |");
    line(
        "| messages delayed by more than a second | %d | %d |",
        death.delayed(), Arrays.stream(after).filter(seconds -> seconds > 1).count());
    line("| sent to stored, p50 | %.2f s | %.2f s |", death.p50(), Outcome.quantile(after, 0.5));
    line("| p90 | %.1f s | %.1f s |", death.p90(), Outcome.quantile(after, 0.9));
    line("| longest | %.1f s | %.1f s |", death.longest(), after[after.length - 1]);
    line("| lost | %d | %d |", death.lost(), outcome.acceptedAt().size() - after.length);
    line("");
  }

  private static String difference(double simulated, double measured) {
    return String.format(Locale.ROOT, "%+.0f %%", 100 * (simulated / measured - 1));
  }

  private void printPlan() {
    Plan plan = HUNDRED_MILLION;
    Site site = plan.site(costs, waits);
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
    line("| load | accepted/s | 250 p50 / p99 | in store p50 / p99 | busiest | next |");
    line("| --- | --- | --- | --- | --- | --- |");
    for (double factor : new double[] {0.25, 0.5, 1, 1.5, 2, 2.5}) {
      double rate = HUNDRED_MILLION.peakRate() * factor;
      double seconds = 15;
      Outcome outcome =
          new Simulation(HUNDRED_MILLION.site(costs, waits), costs, SEED)
              .arrivals(second -> rate, exponential(MEAN_OCTETS), seconds)
              .run(seconds);
      Outcome.Load busiest = outcome.loads().get(0);
      Outcome.Load next =
          outcome.loads().stream()
              .filter(load -> !load.service().equals(busiest.service()))
              .findFirst()
              .orElse(busiest);
      line(
          "| %.2f × busiest hour | %.0f | %s | %s | %s | %s |",
          factor,
          outcome.acceptedAt().size() / seconds,
          milliseconds(outcome.acceptedAfter()),
          milliseconds(outcome.visibleAfter()),
          busiest,
          next);
    }
    line("");
  }

  private void printFailures() {
    line("| failure in the busiest hour | in store p50 / p99 / longest | lost |");
    line("| --- | --- | --- |");
    double rate = HUNDRED_MILLION.peakRate();
    double seconds = 60;
    Site site = HUNDRED_MILLION.site(costs, waits);
    for (int dead : new int[] {0, 1, 2}) {
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

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
