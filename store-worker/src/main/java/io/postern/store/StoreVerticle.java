package io.postern.store;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/** Runs a {@link StoreWorker} as long as it is deployed. */
public final class StoreVerticle extends VerticleBase {
  private final Supplier<StoreWorker> make;
  private StoreWorker worker;

  public StoreVerticle(Supplier<StoreWorker> make) {
    this.make = make;
  }

  @Override
  public Future<?> start() {
    return vertx.executeBlocking(
        () -> {
          worker = make.get();
          worker.start();
          return null;
        });
  }

  @Override
  public Future<?> stop() {
    return vertx.executeBlocking(
        () -> {
          worker.close();
          return null;
        });
  }
}
