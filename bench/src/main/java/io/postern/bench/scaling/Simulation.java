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
  /** Mail goes to Kafka in slices of so many octets. */
  private static final double SLICE_OCTETS = 128 << 10;

  private static final double CROWD_OCTETS = 16 << 10;
  private static final double CROWD_S = 0.010;

  private final Clock clock = new Clock();
  private final Site site;
  private final Costs costs;
  private final Random random;
  private final Set<Resource> resources = new LinkedHashSet<>();
  private final Resource everyonesCores;
  private final List<Resource> ingestLoops = new ArrayList<>();
  private final List<Resource> ingestCores;
  private final Topic raw;
  private final Topic sealed;
  private final WorkerGroup crypto;
  private final WorkerGroup store;
  private final List<Double> acceptedAfter = new ArrayList<>();
  private final List<Double> acceptedAt = new ArrayList<>();
  private final List<Double> visibleAfter = new ArrayList<>();
  private final List<Double> visibleAt = new ArrayList<>();
  private int unsent;
  private Runnable whenSent = () -> {};
  private double onTheWay;
  private double crowdedAt = -1;

  /** Builds the site. */
  Simulation(Site site, Costs costs, long seed) {
    this.site = site;
    this.costs = costs;
    this.random = new Random(seed);
    this.everyonesCores = site.shared() ? resource("the machine, cores", site.cores()) : null;
    ingestCores = machines("ingest", site.ingests(), site.cores());
    for (int i = 0; i < site.ingests() * site.cores(); i++) {
      ingestLoops.add(resource("ingest " + i / site.cores() + ", event loop", 1));
    }
    List<Resource> brokers = machines("broker", site.brokers(), site.cores());
    List<Resource> disks = new ArrayList<>();
    for (int i = 0; i < site.brokers(); i++) {
      disks.add(resource("broker " + i + ", disk", 1));
    }
    raw = new Topic(clock, site, brokers, disks, true);
    // What is sealed can be sealed again: in one process its log is not flushed.
    sealed = new Topic(clock, site, brokers, disks, !site.shared());
    crypto = new WorkerGroup(clock, site, cryptoWorkers());
    store = new WorkerGroup(clock, site, storeWorkers());
  }

  private List<Worker> cryptoWorkers() {
    Worker.Onward onward =
        (task, then) ->
            sealed.append(
                task.partition(),
                costs.sealed().seconds(task.octets()),
                costs.kept(task.octets()),
                then);
    List<Worker> workers = new ArrayList<>();
    for (Resource cores : machines("crypto-worker", site.cryptoWorkers(), 1)) {
      workers.add(worker("crypto-worker " + workers.size(), cores, costs.crypto(), onward));
    }
    return workers;
  }

  private List<Worker> storeWorkers() {
    List<Worker> workers = new ArrayList<>();
    for (Resource cores : machines("store-worker", site.storeWorkers(), 1)) {
      String name = "store-worker " + workers.size();
      ObjectStore objects =
          site.shared()
              ? new GroupCommit(clock, cores, site, costs)
              : new StoreCalls(
                  clock, resource(name + ", calls", site.storeThreads()), cores, site, costs);
      workers.add(
          worker(name, cores, costs.store(), (task, then) -> objects.put(task.octets(), then)));
    }
    return workers;
  }

  private Worker worker(String name, Resource cores, Costs.Cpu cost, Worker.Onward onward) {
    Resource thread = resource(name + ", thread", 1);
    return new Worker(clock, site, cores, thread, cost, new Pace(this::sendersWait, clock), onward);
  }

  /** As in {@code io.postern.pipeline.SharedRoom}. */
  private boolean sendersWait() {
    return site.shared() && (onTheWay >= CROWD_OCTETS || clock.now() - crowdedAt < CROWD_S);
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

  /**
   * So many senders on the same machine, each with one message of this size at a time, until all
   * are sent.
   */
  Simulation senders(int senders, int messages, double octets) {
    unsent = messages;
    for (int i = 0; i < senders; i++) {
      clock.after(
          0,
          () ->
              ingestCores.get(0).use(costs.besides().connection().seconds(0), () -> send(octets)));
    }
    return this;
  }

  private void send(double octets) {
    if (unsent == 0) {
      whenSent.run();
    } else {
      unsent--;
      ingestCores
          .get(0)
          .use(costs.besides().client().seconds(octets), () -> receive(octets, () -> send(octets)));
    }
  }

  /**
   * Others take a part of the cores, 0 to 1.
   *
   * @param meanwhile until the first sender has nothing left to send
   * @param afterwards from then on
   */
  Simulation others(double meanwhile, double afterwards) {
    everyonesCores.leave(1 - meanwhile);
    whenSent = () -> everyonesCores.leave(1 - afterwards);
    return this;
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
    Message message =
        new Message(
            clock.now(),
            octets,
            random.nextInt(ingestLoops.size()),
            random.nextInt(site.partitions()),
            acknowledge);
    receiveSlice(message, 0);
  }

  /** One slice after the other comes in, and each goes to Kafka at once. */
  private void receiveSlice(Message message, double from) {
    double octets = Math.min(SLICE_OCTETS, message.octets - from);
    boolean last = from + octets >= message.octets;
    double part = part(octets, message);
    Resource loop = ingestLoops.get(message.loop);
    loop.acquire(
        () ->
            ingestCores
                .get(message.loop / site.cores())
                .use(
                    costs.ingest().seconds(message.octets) * part,
                    () -> {
                      loop.release();
                      take(octets);
                      raw.append(
                          message.partition,
                          costs.raw().seconds(message.octets) * part,
                          costs.kept(message.octets) * part,
                          () -> acknowledged(message, octets, last));
                      if (!last) {
                        receiveSlice(message, from + octets);
                      }
                    }));
  }

  private static double part(double octets, Message message) {
    return message.octets == 0 ? 1 : octets / message.octets;
  }

  private void take(double octets) {
    onTheWay += octets;
    if (onTheWay >= CROWD_OCTETS) {
      crowdedAt = clock.now();
    }
  }

  private void acknowledged(Message message, double octets, boolean last) {
    onTheWay -= octets;
    if (!last) {
      return;
    }
    acceptedAfter.add(clock.now() - message.sent);
    acceptedAt.add(clock.now());
    besides(costs.besides().accepting(), message);
    crypto.take(
        new Worker.Task(message.partition, message.octets, clock.now(), () -> write(message)));
    message.acknowledge.run();
  }

  private void write(Message message) {
    store.take(
        new Worker.Task(
            message.partition,
            message.octets,
            clock.now(),
            () -> {
              visibleAfter.add(clock.now() - message.sent);
              visibleAt.add(clock.now());
            }));
    besides(costs.besides().storing(), message);
  }

  /** Takes cores that others need, but nobody waits for it. */
  private void besides(Costs.Cpu cost, Message message) {
    if (site.shared()) {
      everyonesCores.use(cost.seconds(message.octets), () -> {});
    }
  }

  private record Message(
      double sent, double octets, int loop, int partition, Runnable acknowledge) {}

  /** Runs until this time, however much is still under way then. */
  Outcome run(double untilSecond) {
    clock.run(untilSecond);
    List<Outcome.Load> loads =
        resources.stream()
            .map(resource -> new Outcome.Load(resource.name(), resource.utilisation()))
            .sorted(Comparator.comparingDouble(Outcome.Load::utilisation).reversed())
            .toList();
    return new Outcome(sorted(acceptedAfter), acceptedAt, sorted(visibleAfter), visibleAt, loads);
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
