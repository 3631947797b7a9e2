package io.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.RawTopic;
import io.postern.pipeline.Submission;
import io.postern.protocol.Tls;
import io.postern.proxy.Archive.Origin;
import io.postern.proxy.Archive.State;
import io.postern.proxy.Archive.Unavailable;
import io.postern.wire.Networks;
import io.postern.wire.Peer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whether copies are taken, as mailboxes and the pipeline change while the proxy runs. */
class PipelineArchiveTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final Origin ORIGIN =
      new Origin("a@example.org", List.of("b@example.org"), "c", "ESMTP", Tls.NONE);

  private final Map<String, Mailbox> mailboxes = new HashMap<>();
  private boolean directoryReady = true;
  private boolean room = true;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PipelineArchive archive = archive();

  @Test
  void aMailboxThatIsSuspendedResumedAndDeletedMeanwhile() {
    put(Mailbox.State.ACTIVE);
    assertThat(archive.state(ADDRESS)).isEqualTo(State.READY);
    put(Mailbox.State.SUSPENDED);
    assertThat(archive.state(ADDRESS)).isEqualTo(State.AWAY);
    assertUnavailable("mailbox " + ADDRESS + " is suspended", State.AWAY);
    put(Mailbox.State.ACTIVE);
    assertThat(archive.state(ADDRESS)).isEqualTo(State.READY);
    mailboxes.put("other@postern.example", mailboxes.remove(ADDRESS));
    assertThat(archive.state(ADDRESS)).isEqualTo(State.AWAY);
    assertUnavailable("there is no mailbox " + ADDRESS, State.AWAY);
    assertThat(registry.get("postern.proxy.archive.failures").counter().count()).isEqualTo(4);
  }

  @Test
  void mailboxesThatAreStillBeingRead() {
    put(Mailbox.State.ACTIVE);
    directoryReady = false;
    assertThat(archive.state(ADDRESS)).isEqualTo(State.AWAY);
    assertUnavailable("the mailboxes are not known yet", State.AWAY);
  }

  @Test
  void aBacklogThatIsFullIsKnownBeforeAndAtTheMessage() {
    put(Mailbox.State.ACTIVE);
    room = false;
    assertThat(archive.state(ADDRESS)).isEqualTo(State.FULL);
    assertUnavailable("full", State.FULL);
  }

  private void assertUnavailable(String why, State state) {
    assertThatThrownBy(() -> archive.begin(ADDRESS, ORIGIN))
        .isInstanceOf(Unavailable.class)
        .hasMessage(why)
        .extracting(e -> ((Unavailable) e).state())
        .isEqualTo(state);
  }

  private void put(Mailbox.State state) {
    mailboxes.put(ADDRESS, new Mailbox("id", ADDRESS, "age1", state, Instant.EPOCH));
  }

  private PipelineArchive archive() {
    Route route =
        new Route(
            "out",
            Route.Protocol.SMTP,
            0,
            null,
            new Route.Server(
                "localhost",
                25,
                UpstreamTls.NONE,
                null,
                Duration.ofSeconds(1),
                Duration.ofMinutes(10)),
            MailboxChoice.always(ADDRESS),
            OnArchiveFailure.REJECT,
            new Route.Limits(1, 1, 1, 1, 1, Duration.ofMinutes(1)),
            Networks.parse(""));
    Proxy.Parts parts =
        new Proxy.Parts(
            new Mailboxes(),
            new Raw(),
            facts -> CompletableFuture.completedFuture(null),
            null,
            registry,
            InstantSource.system());
    ProxyConfig config =
        new ProxyConfig(
            "proxy.example",
            "",
            List.of(route),
            Duration.ofSeconds(1),
            1,
            Duration.ofMinutes(1),
            true);
    return new PipelineArchive(
        parts,
        config,
        route,
        new ProxyMeters(registry, "out"),
        new OpenCopies(),
        new Peer("127.0.0.1", Runnable::run));
  }

  private final class Raw implements RawTopic {
    @Override
    public boolean hasRoom() {
      return room;
    }

    @Override
    public Submission begin(Envelope envelope) {
      throw new PipelineException(PipelineException.Category.OVERLOADED, "full", null);
    }
  }

  private final class Mailboxes implements Directory {
    @Override
    public Optional<Mailbox> byAddress(String address) {
      return Optional.ofNullable(mailboxes.get(address));
    }

    @Override
    public Optional<Mailbox> byLogin(String login) {
      return byAddress(login);
    }

    @Override
    public Optional<Mailbox> byId(String id) {
      return Optional.empty();
    }

    @Override
    public Optional<byte[]> identity(String mailboxId) {
      return Optional.empty();
    }

    @Override
    public Optional<byte[]> anyIdentity() {
      return Optional.empty();
    }

    @Override
    public boolean ready() {
      return directoryReady;
    }

    @Override
    public boolean isEmpty() {
      return mailboxes.isEmpty();
    }
  }
}
