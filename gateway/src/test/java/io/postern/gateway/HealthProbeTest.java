package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HealthProbeTest {
  @Test
  void isWhatTheHealthServerSays() {
    Vertx vertx = Vertx.vertx();
    AtomicBoolean ready = new AtomicBoolean();
    HealthServer server =
        new HealthServer(
            "127.0.0.1", 0, ready::get, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    try {
      vertx.deployVerticle(server).await();
      assertThat(HealthProbe.isReady(server.port())).isFalse();
      ready.set(true);
      assertThat(HealthProbe.isReady(server.port())).isTrue();
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void nobodyIsNotReady() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(HealthProbe.isReady(port)).isFalse();
  }
}
