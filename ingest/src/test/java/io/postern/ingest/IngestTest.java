package io.postern.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.pipeline.Envelope;
import io.postern.pipeline.Fact;
import io.postern.testkit.SocketDialogue;
import io.vertx.core.Future;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class IngestTest {
  private final NamedMailboxes directory = new NamedMailboxes();
  private Server server;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    server = new Server(folder, directory);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void describesTheMessageToThePipeline() {
    try (SocketDialogue client = server.tls()) {
      say(
          client,
          "EHLO client.example",
          "MAIL FROM:<a@example.com>",
          "RCPT TO:<alias-one@example.org>",
          "RCPT TO:<one@example.org>",
          "RCPT TO:<two@example.org>",
          "DATA",
          "x",
          ".");
      assertThat(client.observe())
          .isEqualTo(
              "mail <a@example.com> to [alias-one@example.org, two@example.org] by ESMTPS: x\\r\\n");
    }
    Envelope envelope = server.raw.envelopes.remove();
    assertThat(envelope.copies())
        .containsExactly(
            new Envelope.Copy("one", "alias-one@example.org"),
            new Envelope.Copy("two", "two@example.org"));
    assertThat(envelope.clientIp()).isEqualTo("127.0.0.1");
    assertThat(envelope.helo()).isEqualTo("client.example");
    assertThat(envelope.tls()).startsWith("TLSv1.3 TLS_");
    assertThat(envelope.listener()).isEqualTo("smtp-tls");
    assertThat(envelope.by()).isEqualTo("mx.example.org");
    assertThat(envelope.traceHeaders()).isTrue();
  }

  @Test
  void tellsTheLedger() {
    try (SocketDialogue client = server.starttls()) {
      sendTo(client, "one@example.org");
      expectLast(client, "250 2.0.0 Ok: queued as 01jd0000000000000000000000");
    }
    Awaitility.await().until(() -> server.ledger.facts.size() == 1);
    Fact fact = server.ledger.facts.remove();
    assertThat(fact.kind()).isEqualTo(Fact.Kind.ACCEPTED);
    assertThat(fact.messageId()).isEqualTo("01jd0000000000000000000000");
    assertThat(fact.mailboxId()).isEqualTo("one");
    assertThat(fact.detail()).isEqualTo("3");
    assertThat(server.registry.counter("postern.ingest.messages").count()).isEqualTo(1);
  }

  @Test
  void refusesNobodyForGoodBeforeTheDirectoryIsReady() {
    directory.ready = false;
    try (SocketDialogue client = server.starttls()) {
      say(client, "EHLO client.example", "MAIL FROM:<>", "RCPT TO:<unknown@example.org>");
      expectLast(client, "451 4.3.0 Cannot take mail at present");
    }
  }

  @Test
  void refusesNobodyForGoodWhereNobodyHasAMailbox() {
    directory.empty = true;
    try (SocketDialogue client = server.starttls()) {
      say(client, "EHLO client.example", "MAIL FROM:<>", "RCPT TO:<one@example.org>");
      expectLast(client, "451 4.3.0 Cannot take mail at present");
      directory.empty = false;
      say(client, "RCPT TO:<unknown@example.org>");
      expectLast(client, "550 5.1.1 No such mailbox here");
    }
  }

  @Test
  void whatKafkaRefusesIsNotTheSendersFault() {
    try (SocketDialogue client = server.starttls()) {
      sendTo(client, "rights@example.org");
      expectLast(client, "451 4.3.0 Cannot take mail at present");
    }
  }

  @Test
  void takesBackWhatAVanishedClientHalfSent() {
    try (SocketDialogue client = server.starttls()) {
      say(
          client,
          "EHLO client.example",
          "MAIL FROM:<>",
          "RCPT TO:<one@example.org>",
          "DATA",
          "half");
      expectLast(client, "354 End the message with <CR><LF>.<CR><LF>");
    }
    Awaitility.await().untilAsserted(() -> assertThat(server.deeds).containsExactly("aborted"));
  }

  @Test
  void finishesMessagesUnderWayBeforeItStops() {
    try (SocketDialogue busy = server.starttls();
        SocketDialogue idle = server.starttls()) {
      say(busy, "EHLO client.example", "MAIL FROM:<>", "RCPT TO:<one@example.org>", "DATA", "x");
      expectLast(busy, "354 End the message with <CR><LF>.<CR><LF>");
      assertThat(idle.receive()).startsWith("220 ");
      Future<Void> stopped = server.ingest.stop();
      assertThat(idle.receive()).isEqualTo("421 4.3.2 Shutting down; try again later");
      assertThat(idle.receive()).isNull();
      say(busy, ".");
      assertThat(busy.receive()).startsWith("250 2.0.0 Ok: queued as ");
      assertThat(busy.receive()).isEqualTo("421 4.3.2 Shutting down; try again later");
      assertThat(busy.receive()).isNull();
      stopped.await();
    }
  }

  @Test
  void takesMailOfTheVertxClientOverBothPorts() {
    MailConfig config = new MailConfig().setHostname("localhost").setTrustAll(true);
    MailConfig starttls =
        new MailConfig(config)
            .setPort(server.ingest.starttlsPort())
            .setStarttls(StartTLSOptions.REQUIRED);
    MailConfig tls = new MailConfig(config).setPort(server.ingest.tlsPort()).setSsl(true);
    for (MailConfig each : List.of(starttls, tls)) {
      MailClient client = MailClient.create(server.vertx(), each);
      List<Future<?>> sent =
          IntStream.range(0, 50).<Future<?>>mapToObj(i -> client.sendMail(message(i))).toList();
      Future.all(sent).await();
      client.close().await();
    }
    Awaitility.await().until(() -> server.deeds.size() == 100);
  }

  private static MailMessage message(int number) {
    return new MailMessage()
        .setFrom("a@example.com")
        .setTo("one@example.org")
        .setSubject("number " + number)
        .setText(".leading dot\nand umlauts äöü");
  }

  private static void sendTo(SocketDialogue client, String recipient) {
    say(
        client,
        "EHLO client.example",
        "MAIL FROM:<>",
        "RCPT TO:<" + recipient + ">",
        "BDAT 3 LAST\r\nabcQUIT");
  }

  private static void say(SocketDialogue client, String... lines) {
    client.send((String.join("\r\n", lines) + "\r\n").getBytes(UTF_8));
  }

  private static void expectLast(SocketDialogue client, String expected) {
    String line = client.receive();
    while (line != null && !line.equals(expected)) {
      line = client.receive();
    }
    assertThat(line).isEqualTo(expected);
  }
}
