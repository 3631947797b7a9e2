package io.postern.wire;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.protocol.Conversation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that several event loops serve, each with a {@link Listener} of its own; or none. */
public final class Port {
  private static final Logger LOG = LoggerFactory.getLogger(Port.class);

  /** Says that a port is not to be listened on. */
  public static final int NONE = -1;

  private final Vertx vertx;
  private final Listener.Settings settings;
  private final List<Listener> listeners = new ArrayList<>();
  private final List<String> deployments = new CopyOnWriteArrayList<>();

  /**
   * Not yet listening.
   *
   * @param settings of each listener; port {@link #NONE} makes this a port that does nothing
   * @param eventLoops how many threads serve it
   */
  public Port(
      Vertx vertx,
      Listener.Settings settings,
      int eventLoops,
      TlsMaterial tls,
      ConnectionLimits limits,
      MeterRegistry registry,
      Function<Peer, Conversation> conversations) {
    this.vertx = vertx;
    this.settings = settings;
    if (settings.port() != NONE) {
      Listener.Settings shared = settings.port() == 0 ? settings.onPort(anyOf(settings)) : settings;
      for (int loop = 0; loop < eventLoops; loop++) {
        listeners.add(new Listener(vertx, shared, tls, limits, registry, conversations));
      }
    }
  }

  /** Vert.x shares one free port among all who ask for the same negative one. */
  private static int anyOf(Listener.Settings settings) {
    return NONE - 1 - (settings.name().hashCode() & 0xffff);
  }

  /** Listens; fails where the port is taken. */
  public Future<Void> start() {
    return Future.all(listeners.stream().map(this::deploy).toList())
        .onSuccess(up -> tell())
        .mapEmpty();
  }

  private Future<String> deploy(Listener listener) {
    return vertx.deployVerticle(listener).onSuccess(deployments::add);
  }

  private void tell() {
    if (!listeners.isEmpty()) {
      LOG.info("{} listens on {}:{}", settings.name(), settings.bind(), number());
    }
  }

  /** What is really listened on, or {@link #NONE}. */
  public int number() {
    return listeners.isEmpty() ? NONE : listeners.get(0).port();
  }

  /** Completes once the conversations have ended, or their time is up. */
  public Future<Void> stop() {
    return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
  }
}
