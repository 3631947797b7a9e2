package io.postern.bench.scaling;

/** A store behind the network: one call for each message, so many at a time. */
final class StoreCalls implements ObjectStore {
  private final Clock clock;
  private final Resource threads;
  private final Resource cores;
  private final Site site;
  private final Costs costs;

  StoreCalls(Clock clock, Resource threads, Resource cores, Site site, Costs costs) {
    this.clock = clock;
    this.threads = threads;
    this.cores = cores;
    this.site = site;
    this.costs = costs;
  }

  @Override
  public void put(double octets, Runnable stored) {
    threads.acquire(
        () ->
            cores.use(
                costs.put().seconds(octets),
                () ->
                    clock.after(
                        site.waits().putSeconds() + octets / site.waits().putOctetsPerSecond(),
                        () -> {
                          threads.release();
                          stored.run();
                        })));
  }
}
