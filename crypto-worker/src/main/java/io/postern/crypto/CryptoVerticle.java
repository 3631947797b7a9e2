package io.postern.crypto;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/** Runs a {@link CryptoWorker} as long as it is deployed. */
public final class CryptoVerticle extends VerticleBase {
  private final Supplier<CryptoWorker> make;
  private CryptoWorker worker;

  public CryptoVerticle(Supplier<CryptoWorker> make) {
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
