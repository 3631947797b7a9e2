package io.postern.bench.scaling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * The way of every message through a site, event by event. The same seed gives the same run.
 *
 * <p>Left out: the network's own time, which is far below the disks' and the store's, and the
 * archivers, which read at their leisure.
 */
final class Simulation {
  private final Clock clock = new Clock();
  private final Site site;
  private final Costs costs;
  private final Random random;
  private final Set<Resource> resources = new LinkedHashSet<>();
  private final List<Resource> ingestLoops = new ArrayList<>();
  private final List<Resource> ingestCores = new ArrayList<>();
  private final List<Resource> brokerCores = new ArrayList<>();
  private final List<BrokerLog> raw = new ArrayList<>();
  private final List<BrokerLog> sealed = new ArrayList<>();
  private final Resource everyonesCores;
  private final WorkerGroup crypto;
  private final WorkerGroup store;
  private final List<Double> acceptedAfter = new ArrayList<>();
  private final List<Double> acceptedAt = new ArrayList<>();
  private final List<Double> visibleAfter = new ArrayList<>();
  private final List<Double> visibleAt = new ArrayList<>();
  private int unsent;

  /** Builds the site. */
  Simulation(Site site, Costs costs, long seed) {
    this.site = site;
    this.costs = costs;
    this.random = new Random(seed);
    this.everyonesCores = site.shared() ? resource("the machine, cores", site.cores()) : null;
    for (Resource cores : machines("ingest", site.ingests(), site.cores())) {
      for (int loop = 0; loop < site.cores(); loop++) {
        ingestLoops.add(new Resource(cores.name() + ", event loop", clock, 1));
        ingestCores.add(cores);
      }
    }
    for (Resource cores : machines("broker", site.brokers(), site.cores())) {
      Resource disk = resource(cores.name() + ", disk", 1);
      brokerCores.add(cores);
      raw.add(new BrokerLog(clock, disk, site));
      sealed.add(new BrokerLog(clock, disk, site));
    }
    crypto =
        new WorkerGroup(
            "crypto-worker",
            clock,
            site,
            1,
            machines("crypto-worker", site.cryptoWorkers(), 1),
            (cores, octets, then) -> cores.use(costs.crypto().seconds(octets), then));
    store =
        new WorkerGroup(
            "store-worker",
            clock,
            site,
            site.storeThreads(),
            machines("store-worker", site.storeWorkers(), 1),
            (cores, octets, then) ->
                cores.use(
                    costs.store().seconds(octets),
                    () ->
                        clock.after(site.putSeconds() + octets / site.putOctetsPerSecond(), then)));
    crypto.eachResource(resources::add);
    store.eachResource(resources::add);
  }

  private List<Resource> machines(String name, int count, int cores) {
    if (site.shared()) {
      return Collections.nCopies(count, everyonesCores);
    }
    List<Resource> machines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      machines.add(resource(name + " " + i + ", cores", cores));
    }
    return machines;
  }

  private Resource resource(String name, int slots) {
    Resource resource = new Resource(name, clock, slots);
    resources.add(resource);
    return resource;
  }

  /** Messages come at random with so many a second at each time. */
  Simulation arrivals(
      DoubleUnaryOperator perSecond, ToDoubleFunction<Random> octets, double untilSecond) {
    clock.after(0, () -> arrive(perSecond, octets, untilSecond));
    return this;
  }

  private void arrive(
      DoubleUnaryOperator perSecond, ToDoubleFunction<Random> octets, double untilSecond) {
    double wait = -Math.log(1 - random.nextDouble()) / perSecond.applyAsDouble(clock.now());
    if (clock.now() + wait < untilSecond) {
      clock.after(
          wait,
          () -> {
            receive(octets.applyAsDouble(random), () -> {});
            arrive(perSecond, octets, untilSecond);
          });
    }
  }

  /** So many senders, each with one message of this size at a time, until all are sent. */
  Simulation senders(int senders, int messages, double octets) {
    unsent = messages;
    for (int i = 0; i < senders; i++) {
      clock.after(0, () -> send(octets));
    }
    return this;
  }

  private void send(double octets) {
    if (unsent > 0) {
      unsent--;
      receive(octets, () -> send(octets));
    }
  }

  Simulation killCryptoWorker(int number, double atSecond) {
    clock.after(atSecond, () -> crypto.kill(number));
    return this;
  }

  Simulation killStoreWorker(int number, double atSecond) {
    clock.after(atSecond, () -> store.kill(number));
    return this;
  }

  private void receive(double octets, Runnable acknowledge) {
    double sent = clock.now();
    int connection = random.nextInt(ingestLoops.size());
    int partition = random.nextInt(site.partitions());
    Resource loop = ingestLoops.get(connection);
    loop.acquire(
        () ->
            ingestCores
                .get(connection)
                .use(
                    costs.ingest().seconds(octets),
                    () -> {
                      loop.release();
                      append(
                          raw,
                          partition,
                          octets,
                          () -> {
                            accept(partition, octets, sent);
                            acknowledge.run();
                          });
                    }));
  }

  private void accept(int partition, double octets, double sent) {
    acceptedAfter.add(clock.now() - sent);
    acceptedAt.add(clock.now());
    crypto.take(
        new WorkerGroup.Task(
            partition,
            octets,
            () -> append(sealed, partition, octets, () -> write(partition, octets, sent))));
  }

  private void write(int partition, double octets, double sent) {
    store.take(
        new WorkerGroup.Task(
            partition,
            octets,
            () -> {
              visibleAfter.add(clock.now() - sent);
              visibleAt.add(clock.now());
            }));
  }

  /** Half of what a message costs a broker for each of its two ways through one. */
  private void append(List<BrokerLog> logs, int partition, double octets, Runnable durable) {
    int broker = partition % logs.size();
    brokerCores
        .get(broker)
        .use(
            costs.broker().seconds(octets) / 2,
            () ->
                logs.get(broker)
                    .append(octets * costs.writeAmplification() + costs.recordOctets(), durable));
  }

  /** Runs until this time, however much is still under way then. */
  Outcome run(double untilSecond) {
    clock.run(untilSecond);
    List<Load> loads =
        resources.stream()
            .map(resource -> new Load(resource.name(), resource.utilisation()))
            .sorted(Comparator.comparingDouble(Load::utilisation).reversed())
            .toList();
    return new Outcome(sorted(acceptedAfter), acceptedAt, sorted(visibleAfter), visibleAt, loads);
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  /** How much of a resource was used, 0 to 1. */
  record Load(String resource, double utilisation) {}

  /**
   * What came of it.
   *
   * @param acceptedAfter seconds from sending to the 250, sorted
   * @param acceptedAt when each message got its 250, in order
   * @param visibleAfter seconds from sending to lying in the store, sorted
   * @param visibleAt when each message got there, in order
   * @param loads the busiest first
   */
  record Outcome(
      double[] acceptedAfter,
      List<Double> acceptedAt,
      double[] visibleAfter,
      List<Double> visibleAt,
      List<Load> loads) {

    static double quantile(double[] sorted, double part) {
      return sorted[(int) Math.min(sorted.length - 1L, Math.round(part * sorted.length))];
    }
  }
}
