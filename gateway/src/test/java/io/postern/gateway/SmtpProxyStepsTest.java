package io.postern.gateway;

import static io.postern.gateway.ProxiedArchive.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@link ProxySteps} of the SMTP proxy. */
class SmtpProxyStepsTest extends ProxySteps {
  private static final int MAX_MESSAGES = 50;

  private static final List<String> STEPS =
      List.of(
          "client sent EHLO",
          "server got EHLO",
          "server answered EHLO",
          "client got 250 to EHLO",
          "client sent MAIL",
          "server got MAIL",
          "server answered MAIL",
          "client got 250 to MAIL",
          "client sent RCPT",
          "server got RCPT",
          "server answered RCPT",
          "client got 250 to RCPT",
          "client sent DATA",
          "server got DATA",
          "client got 354 to DATA",
          "client sent the header",
          "server got some lines",
          "client sent the body",
          "client sent the dot",
          "server got the dot",
          "server has decided",
          "server answered DATA",
          "client got the answer",
          "client sent RSET",
          "server got RSET",
          "client got 250 to RSET");

  @Test
  void whatTheServerAcceptedIsArchivedAtWhateverStepTheSmtpProxyIsKilled() throws Exception {
    Set<String> told = new HashSet<>();
    try (PosternProcess postern = start();
        RealServer server = new RealServer(random.nextLong(), this::step)) {
      String route =
          "[{name: out, protocol: smtp, port: 0, mailbox: %s, upstream: {host: 127.0.0.1, port: %d, tls: none}}]"
              .formatted(ADDRESS, server.port());
      for (String step : STEPS) {
        // A session has one EHLO; of the rest some go well before.
        int passes = step.endsWith("EHLO") ? 0 : random.nextInt(3);
        try (DoomedProxy doomed = DoomedProxy.start(data, route, step, passes)) {
          proxy = doomed;
          sendUntilItDies(doomed, told);
          assertThat(doomed.isKilled()).as("seed %d: killed when %s", seed, step).isTrue();
        }
        proxy = null;
      }
      assertThat(told).as("seed %d", seed).isNotEmpty().isSubsetOf(server.accepted);
      assertThat(server.refused).as("seed %d", seed).isNotEmpty();
      ProxiedArchive.awaitAccepted(postern, data, server, "seed " + seed);
    }
  }

  private void sendUntilItDies(DoomedProxy doomed, Set<String> told) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), doomed.port("out"))) {
      SteppingClient client = new SteppingClient(socket, this::step);
      client.expect("220");
      client.ask("EHLO client.example", "250");
      for (int i = 0; i < MAX_MESSAGES; i++) {
        MarkedMail mail = mail(random.nextBoolean() ? 100 : 20_000);
        if (client.send(mail)) {
          told.add(mail.digest());
        }
        client.ask("RSET", "250");
      }
    } catch (IOException e) {
      // The kill ends the session.
    }
  }
}
