package io.postern.proxy;

import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.PipelineException;
import io.postern.protocol.Tls;
import io.postern.wire.Peer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives one connection's copies to the pipeline. */
final class PipelineArchive implements Archive {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineArchive.class);

  private final Proxy.Parts parts;
  private final ProxyConfig config;
  private final Route route;
  private final ProxyMeters meters;
  private final OpenCopies open;
  private final Peer peer;

  PipelineArchive(
      Proxy.Parts parts,
      ProxyConfig config,
      Route route,
      ProxyMeters meters,
      OpenCopies open,
      Peer peer) {
    this.parts = parts;
    this.config = config;
    this.route = route;
    this.meters = meters;
    this.open = open;
    this.peer = peer;
  }

  @Override
  public State state(String mailbox) {
    if (active(mailbox).isEmpty()) {
      meters.unavailable();
      LOG.warn("{}: no copy can be made now: {}", route.name(), trouble(mailbox));
      return State.AWAY;
    }
    if (!parts.raw().hasRoom()) {
      // Who looks after the backlog has said so once.
      meters.unavailable();
      return State.FULL;
    }
    return State.READY;
  }

  @Override
  public Copy begin(String mailbox, Origin origin) {
    Mailbox receiving =
        active(mailbox)
            .orElseThrow(
                () -> {
                  meters.unavailable();
                  return new Unavailable(trouble(mailbox), null);
                });
    try {
      return new PipelineCopy(
          parts.raw().begin(envelope(receiving, origin)),
          receiving.id(),
          parts,
          route,
          meters,
          open,
          peer);
    } catch (PipelineException e) {
      meters.unavailable();
      boolean full = e.category() == PipelineException.Category.OVERLOADED;
      throw new Unavailable(full ? State.FULL : State.AWAY, e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      meters.unavailable();
      throw new Unavailable(e.getMessage(), e);
    }
  }

  @Override
  public void missed(String why) {
    meters.missed();
    LOG.warn("{}: a message passed without a copy: {}", route.name(), why);
  }

  private Optional<Mailbox> active(String mailbox) {
    Directory directory = parts.directory();
    return directory.ready() && knowsWhatIsCopied()
        ? directory.byAddress(mailbox).filter(found -> found.state() == Mailbox.State.ACTIVE)
        : Optional.empty();
  }

  private boolean knowsWhatIsCopied() {
    return !route.protocol().isPop3() || parts.copied().ready();
  }

  private String trouble(String mailbox) {
    if (!parts.directory().ready()) {
      return "the mailboxes are not known yet";
    }
    if (parts.directory().isEmpty()) {
      return "no mailbox is known; where Kafka was lost, run postern recover directory";
    }
    if (!knowsWhatIsCopied()) {
      return "what was copied before is not known yet";
    }
    return parts.directory().byAddress(mailbox).isPresent()
        ? "mailbox " + mailbox + " is suspended"
        : "there is no mailbox " + mailbox;
  }

  private Envelope envelope(Mailbox mailbox, Origin origin) {
    return new Envelope(
        origin.from(),
        List.of(new Envelope.Copy(mailbox.id(), mailbox.address(), origin.recipients())),
        peer.ip(),
        origin.helo(),
        origin.protocol(),
        describe(origin.tls()),
        route.name(),
        config.hostname(),
        parts.clock().instant(),
        config.traceHeaders());
  }

  private static String describe(Tls tls) {
    return tls.on() ? tls.version() + " " + tls.cipher() : "";
  }
}
