package io.postern.proxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.protocol.Conversation;
import io.postern.proxy.pop3.Pop3Probe;
import io.postern.proxy.smtp.SmtpProbe;
import io.postern.wire.Dialer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** Looks at a route's mail server as a proxy would use it: reach, TLS, certificate, abilities. */
public final class ServerCheck {
  private final Vertx vertx;
  private final String hostname;
  private final MeterRegistry registry;

  public ServerCheck(Vertx vertx, String hostname, MeterRegistry registry) {
    this.vertx = vertx;
    this.hostname = hostname;
    this.registry = registry;
  }

  /**
   * What the server offers that could pass. Fails with an {@link IllegalStateException} that says
   * in one line what is wrong.
   */
  public Future<List<String>> look(Route.Protocol protocol, Route.Server server) {
    if (protocol.isPop3()) {
      Pop3Probe probe = new Pop3Probe(server.tls());
      return look(server, probe.conversation(), probe.offers());
    }
    SmtpProbe probe = new SmtpProbe(server.tls(), hostname);
    return look(server, probe.conversation(), probe.offers());
  }

  private Future<List<String>> look(
      Route.Server server, Conversation conversation, CompletionStage<List<String>> offers) {
    Dialer dialer =
        new Dialer(
            vertx,
            new Dialer.Settings(
                "check-" + server,
                server.host(),
                server.port(),
                server.tls() == UpstreamTls.IMPLICIT,
                server.connectTimeout(),
                server.connectTimeout()),
            server.trust(),
            registry);
    // Why there is no connection or no TLS is said first, and says more.
    AtomicReference<String> complaint = new AtomicReference<>();
    vertx.runOnContext(
        nothing -> dialer.dial(conversation, what -> complaint.compareAndSet(null, what)));
    return Future.fromCompletionStage(offers)
        .recover(
            e ->
                Future.failedFuture(
                    complaint.get() == null ? e : new IllegalStateException(complaint.get(), e)));
  }
}
