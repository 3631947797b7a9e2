package io.postern.gateway;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postern.gateway.config.Settings;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What every process of Postern has, whatever services run in it: clock, randomness, event loops,
 * metrics, the health port. Starting and closing block.
 */
final class Core implements AutoCloseable {
  private static final int START_TIMEOUT_S = 60;
  private static final int STOP_TIMEOUT_S = 60;

  private final Settings settings;
  private final String hostname;
  private final SecureRandom random = new SecureRandom();
  private final InstantSource clock = InstantSource.system();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Closing closing = new Closing();
  private final Vertx vertx;
  private final List<BooleanSupplier> conditions = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private volatile boolean started;

  Core(Settings settings) {
    this.settings = settings;
    this.hostname = hostname(settings);
    this.vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    closing.add(() -> await(vertx.close(), STOP_TIMEOUT_S));
    // Kafka's first client asks for it, and the JVM then makes all of its own beans: a tenth of a
    // service's start, which it can do beside other things.
    vertx.executeBlocking(ManagementFactory::getPlatformMBeanServer, false);
    new JvmMemoryMetrics().bindTo(registry);
    closing.add(new JvmGcMetrics()).bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
  }

  /** The name of the settings, or else the machine's. */
  static String hostname(Settings settings) {
    return settings.hostname().isEmpty() ? machineName() : settings.hostname();
  }

  Settings settings() {
    return settings;
  }

  /** The name that this process gives itself in greetings. */
  String hostname() {
    return hostname;
  }

  SecureRandom random() {
    return random;
  }

  InstantSource clock() {
    return clock;
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  Vertx vertx() {
    return vertx;
  }

  /** What is closed with this, the last first. */
  Closing closing() {
    return closing;
  }

  /** The process is ready once {@link #started} was called and while all conditions hold. */
  void readyWhile(BooleanSupplier condition) {
    conditions.add(condition);
  }

  /** Everything runs that is to run here. */
  void started() {
    started = true;
  }

  /** Whether the process does what it is there for. */
  boolean ready() {
    return started && conditions.stream().allMatch(BooleanSupplier::getAsBoolean);
  }

  /** Tells from now on over HTTP how this process is; where the settings name a port for it. */
  void startHealth() {
    int port = settings.health().port();
    if (port >= 0) {
      HealthServer health = new HealthServer(settings.bind(), port, this::ready, registry);
      deploy(health);
      listens("health", health.port());
    }
  }

  /** Notes a port for people to read; -1 is none. */
  void listens(String name, int port) {
    ports.put(name, port);
  }

  /** The port of that name that is really listened on; -1 where there is none. */
  int port(String name) {
    return ports.getOrDefault(name, -1);
  }

  /** What listens where, for people: name → {@code host:port}. */
  Map<String, String> addresses() {
    Map<String, String> addresses = new LinkedHashMap<>();
    ports.forEach(
        (name, port) -> {
          if (port >= 0) {
            addresses.put(name, settings.bind() + ":" + port);
          }
        });
    return addresses;
  }

  /**
   * The certificate of the settings, or the self-signed one in {@code data}, while others start.
   */
  Future<TlsMaterial> certificateSoon() {
    return vertx.executeBlocking(this::certificate);
  }

  private TlsMaterial certificate() {
    Settings.Tls tls = settings.tls();
    try {
      return tls.certificate() == null
          ? TlsMaterial.selfSigned(settings.data().resolve("tls"), hostname, random, clock)
          : TlsMaterial.of(tls.certificate(), tls.key());
    } catch (IOException e) {
      throw new CommandFailure("certificate: " + e.getMessage(), e);
    }
  }

  /** Before long, beside whatever else there is to do. */
  void warmUp(TlsMaterial certificate) {
    vertx.executeBlocking(certificate::warmUp, false);
  }

  /** Deploys it now, undeploys it when this closes. */
  private void deploy(Deployable verticle) {
    String id = await(vertx.deployVerticle(verticle), START_TIMEOUT_S);
    closing.add(() -> await(vertx.undeploy(id), STOP_TIMEOUT_S));
  }

  /**
   * Runs until this closes what {@code start} makes and starts; neither starting nor closing, which
   * may block, is waited for without end.
   */
  void run(Callable<? extends AutoCloseable> start) {
    AutoCloseable running = await(vertx.executeBlocking(start::call), START_TIMEOUT_S);
    closing.add(
        () ->
            await(
                vertx.executeBlocking(
                    () -> {
                      running.close();
                      return null;
                    }),
                STOP_TIMEOUT_S));
  }

  /** Waits for something to start. */
  static <T> T awaitStart(Future<T> future) {
    return await(future, START_TIMEOUT_S);
  }

  /** Waits for something to stop. */
  static void awaitStop(Future<?> future) {
    await(future, STOP_TIMEOUT_S);
  }

  private static <T> T await(Future<T> future, int seconds) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(seconds, TimeUnit.SECONDS)
          .join();
    } catch (CompletionException e) {
      String text = String.valueOf(e.getCause().getMessage());
      boolean port = e.getCause() instanceof BindException;
      throw new CommandFailure(
          port ? text + ": set another port, or 0 for any free one" : text, e.getCause());
    }
  }

  private static String machineName() {
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  @Override
  public void close() {
    started = false;
    closing.close();
  }
}
