package io.postern.gateway;

import static io.postern.gateway.ProxiedArchive.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** {@link ProxySteps} of the POP3 proxy. */
class Pop3ProxyStepsTest extends ProxySteps {
  private static final List<String> STEPS =
      List.of(
          "client sent USER",
          "server got USER",
          "server answered USER",
          "client got USER",
          "server got PASS",
          "server answered PASS",
          "client sent RETR",
          "server got UIDL",
          "server answered UIDL",
          "server got RETR",
          "server sent the status",
          "server sent half",
          "client got half",
          "server sent the text",
          "server sent the dot",
          "client got the dot",
          "client sent DELE",
          "server got DELE",
          "client got DELE");

  @Test
  void whatTheClientGotWholeIsArchivedOnceAtWhateverStepThePop3ProxyIsKilled() throws Exception {
    // A message more than there are steps: each session gets one further at least.
    List<String> digests = new ArrayList<>();
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < STEPS.size() + 4; i++) {
      MarkedMail mail = mail(random.nextInt(4) == 0 ? 20_000 : 100);
      digests.add(mail.digest());
      messages.add(mail.header() + mail.body());
    }
    Fetching fetching = new Fetching(digests);
    try (PosternProcess postern = start();
        RealMaildrop server = new RealMaildrop(messages, this::step)) {
      String route =
          "[{name: in, protocol: pop3s, port: 0, mailbox: %s, upstream: {host: 127.0.0.1, port: %d, tls: none}}]"
              .formatted(ADDRESS, server.port());
      for (int round = 0; round < STEPS.size(); round++) {
        String step = STEPS.get(round);
        try (DoomedProxy doomed = DoomedProxy.start(data, route, step, passes(step, round))) {
          proxy = doomed;
          fetching.untilItDies(doomed.port("in"), postern.trust(), round + 4);
          assertThat(doomed.isKilled()).as("seed %d: killed when %s", seed, step).isTrue();
        }
        proxy = null;
      }
      assertThat(fetching.whole).as("seed %d", seed).isNotEmpty();
      checkFetched(postern, fetching);
    }
  }

  /** Logging in comes once; of the rest all messages of former sessions go well, and some more. */
  private int passes(String step, int round) {
    return step.endsWith("USER") || step.endsWith("PASS") ? 0 : random.nextInt(round + 4);
  }

  private void checkFetched(PosternProcess postern, Fetching fetching) {
    await()
        .atMost(ProxiedArchive.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(pull(postern).keySet()).as("seed %d", seed).containsAll(fetching.whole));
    Map<String, List<String>> archived = pullAtRest(postern);
    archived.forEach(
        (digest, ids) ->
            assertThat(ids.size())
                .as("seed %d: copies of %s", seed, digest)
                .isBetween(1, 1 + fetching.cutShort.getOrDefault(digest, 0)));
  }

  /** Workers have dropped by then what never got its end. */
  private Map<String, List<String>> pullAtRest(PosternProcess postern) {
    try {
      return pull(postern);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Map<String, List<String>> pull(PosternProcess postern) throws Exception {
    return ProxiedArchive.pull(postern, "seed " + seed);
  }

  /** What one client fetches, session after session, and what it has got whole. */
  private final class Fetching {
    private final List<String> digests;
    private final Set<String> whole = new HashSet<>();

    /**
     * Sessions that ended in a message that the client had not got whole before: these may copy it
     * again.
     */
    private final Map<String, Integer> cutShort = new TreeMap<>();

    Fetching(List<String> digests) {
      this.digests = digests;
    }

    void untilItDies(int port, SSLContext trust, int count) {
      String current = null;
      try (Socket socket =
          trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
        SteppingClient client = new SteppingClient(socket, Pop3ProxyStepsTest.this::step);
        client.expect("+OK");
        command(client, "USER alice");
        command(client, "PASS secret");
        for (int number = 1; number <= count; number++) {
          current = digests.get(number - 1);
          retrieve(client, number, current);
          current = null;
          command(client, "DELE " + number);
        }
      } catch (IOException e) {
        if (current != null && !whole.contains(current)) {
          cutShort.merge(current, 1, Integer::sum);
        }
      }
    }

    private void retrieve(SteppingClient client, int number, String digest) throws IOException {
      client.write("RETR " + number + "\r\n");
      step("client sent RETR");
      client.expect("+OK");
      StringBuilder message = new StringBuilder();
      for (String line = client.readLine(); !".".equals(line); line = client.readLine()) {
        if (line == null) {
          throw new IOException("the message has no end");
        }
        if (message.length() == 0) {
          step("client got half");
        }
        message.append(line).append("\r\n");
      }
      assertThat(MarkedMail.in(message.toString(), "what the client got").digest())
          .isEqualTo(digest);
      whole.add(digest);
      step("client got the dot");
    }

    private void command(SteppingClient client, String command) throws IOException {
      client.write(command + "\r\n");
      step("client sent " + command.substring(0, 4));
      client.expect("+OK");
      step("client got " + command.substring(0, 4));
    }
  }
}
