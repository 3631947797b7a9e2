package io.postern.gateway;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postern.wire.PortException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.BooleanSupplier;

/** Tells over HTTP whether the process lives, whether it can take mail, and what it counts. */
final class HealthServer extends VerticleBase {
  private final String bind;
  private final int port;
  private final BooleanSupplier ready;
  private final PrometheusMeterRegistry registry;
  private HttpServer server;

  HealthServer(String bind, int port, BooleanSupplier ready, PrometheusMeterRegistry registry) {
    this.bind = bind;
    this.port = port;
    this.ready = ready;
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    server = vertx.createHttpServer().requestHandler(this::answer);
    return server
        .listen(port, bind)
        .recover(e -> Future.failedFuture(PortException.of("health", bind, port, e)));
  }

  /** The port that it listens on. */
  int port() {
    return server.actualPort();
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response =
        request.response().putHeader("Content-Type", "text/plain; charset=utf-8");
    switch (request.path()) {
      case "/health/live" -> response.end("live\n");
      case "/health/ready" -> {
        boolean now = ready.getAsBoolean();
        response.setStatusCode(now ? 200 : 503).end(now ? "ready\n" : "not ready\n");
      }
      case "/metrics" -> response.end(registry.scrape());
      default ->
          response.setStatusCode(404).end("there are /health/live, /health/ready and /metrics\n");
    }
  }
}
