package io.postern.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.Route;
import io.postern.proxy.UpstreamTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
  @TempDir private Path folder;

  /** Scripts rely on these names: one that is missing here or there was changed by mistake. */
  @Test
  void every_key_that_there_is() {
    assertThat(SettingsReader.keys().values())
        .containsExactlyElementsOf(
            List.of(
                "hostname",
                "data",
                "bind",
                "trace-headers",
                "smtp.starttls-port",
                "smtp.tls-port",
                "smtp.max-message-size-bytes",
                "smtp.max-recipients",
                "smtp.max-connections",
                "smtp.max-connections-per-client",
                "smtp.idle-timeout-s",
                "smtp.bare-line-endings",
                "smtp.require-tls",
                "smtp.proxy-protocol-from",
                "pop3.starttls-port",
                "pop3.tls-port",
                "pop3.max-connections",
                "pop3.max-connections-per-client",
                "pop3.idle-timeout-s",
                "pop3.proxy-protocol-from",
                "unlock.max-work-factor",
                "kafka.bootstrap-servers",
                "kafka.partitions",
                "kafka.replication",
                "kafka.acknowledge-timeout-s",
                "kafka.max-backlog-slices",
                "kafka.client-file",
                "s3.endpoint",
                "s3.access-key",
                "s3.access-key-file",
                "s3.secret-key",
                "s3.secret-key-file",
                "s3.bucket",
                "s3.region",
                "s3.path-style",
                "s3.ca-file",
                "tls.certificate",
                "tls.key",
                "transit.recipient",
                "transit.recipient-file",
                "transit.identity-file",
                "recovery.recipient",
                "workers.memory-bytes",
                "workers.store-threads",
                "workers.sender-timeout-s",
                "console.port",
                "health.port",
                "proxy.routes"));
  }

  @Test
  void the_defaults_of_the_design() throws IOException {
    Settings settings = read("", Map.of());
    assertThat(settings.data()).isEqualTo(Path.of("data"));
    assertThat(settings.bind()).isEqualTo("127.0.0.1");
    assertThat(settings.smtp().starttlsPort()).isEqualTo(2525);
    assertThat(settings.smtp().tlsPort()).isEqualTo(2465);
    assertThat(settings.smtp().maxMessageSizeBytes()).isEqualTo(262_144_000);
    assertThat(settings.pop3().starttlsPort()).isEqualTo(2110);
    assertThat(settings.pop3().tlsPort()).isEqualTo(2995);
    assertThat(settings.console().port()).isEqualTo(8450);
    assertThat(settings.health().port()).isEqualTo(9464);
    assertThat(settings.kafka().embedded()).isTrue();
    assertThat(settings.s3().directory()).isTrue();
    assertThat(settings.traceHeaders().on()).isTrue();
  }

  @Test
  void nested_and_dotted_keys_are_the_same_and_the_environment_wins() throws IOException {
    Settings settings =
        read(
            """
            hostname: file.example
            smtp:
              starttls-port: 25
            smtp.tls-port: 465
            trace-headers: off
            kafka:
              bootstrap-servers: one:9092,two:9092
              client:
                security.protocol: SASL_SSL
                ssl:
                  truststore.type: PEM
            """,
            Map.of(
                "POSTERN_HOSTNAME", "environment.example",
                "POSTERN_KAFKA_CLIENT_SASL_MECHANISM", "PLAIN",
                "POSTERN_S3_ENDPOINT", "https://s3.example",
                "HOME", "/home/somebody"));
    assertThat(settings.hostname()).isEqualTo("environment.example");
    assertThat(settings.smtp().starttlsPort()).isEqualTo(25);
    assertThat(settings.smtp().tlsPort()).isEqualTo(465);
    assertThat(settings.traceHeaders().on()).isFalse();
    assertThat(settings.kafka().client())
        .containsOnly(
            Map.entry("security.protocol", "SASL_SSL"),
            Map.entry("ssl.truststore.type", "PEM"),
            Map.entry("sasl.mechanism", "PLAIN"));
    assertThat(settings.s3().endpoint()).isEqualTo("https://s3.example");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          hostnam: x                    | hostnam: no setting has this name; did you mean hostname?
          smtp: {startls-port: 25}      | smtp.startls-port: no setting has this name; did you mean smtp.starttls-port?
          smtp.starttls-port: 70000     | smtp.starttls-port: 70000 is no port: 1 to 65535, 0 for any free one, -1 for none
          smtp.starttls-port: many      | smtp.starttls-port: not a value of the kind that this setting takes
          smtp: 25                      | smtp: not a value of the kind that this setting takes
          trace-headers: perhaps        | trace-headers: neither on nor off
          tls.certificate: cert.pem     | tls.certificate and tls.key go together: set both or none
          kafka.partitions: -1          | kafka.partitions: -1 is too small: at least 0
          [1, 2]                        | expected keys and values
          "a: b: c"                     | not YAML
          """)
  void a_setting_that_cannot_stand_is_one_line_that_says_why(String yaml, String reason) {
    assertThatThrownBy(() -> read(yaml, Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(reason)
        .message()
        .hasLineCount(1);
  }

  @Test
  void an_unknown_variable_is_refused_with_the_nearest() {
    assertThatThrownBy(() -> read("", Map.of("POSTERN_SMTP_TLSPORT", "1")))
        .hasMessage(
            "POSTERN_SMTP_TLSPORT: no setting has this name; did you mean POSTERN_SMTP_TLS_PORT?");
  }

  private static final String ROUTE =
      """
      proxy:
        routes:
          - name: out
            protocol: submission
            port: 1587
            mailbox: archive@example.org
            users:
              alice@example.org: alice-archive@example.org
            upstream:
              host: mail.example.org
              ca-file: ca.pem
      """;

  @Test
  void routes_are_a_list_with_defaults() throws IOException {
    assertThat(read(ROUTE, Map.of()).proxy().routes())
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.protocol()).isEqualTo(Route.Protocol.SUBMISSION);
              assertThat(route.upstream().port()).isEqualTo(587);
              assertThat(route.upstream().tls()).isEqualTo(UpstreamTls.STARTTLS);
              assertThat(route.onArchiveFailure()).isEqualTo(OnArchiveFailure.REJECT);
              assertThat(route.idleTimeoutS()).isEqualTo(300);
              assertThat(route.users())
                  .containsExactly(Map.entry("alice@example.org", "alice-archive@example.org"));
            });
  }

  @Test
  void routes_can_be_a_variable() throws IOException {
    String variable =
        "[{name: in, protocol: pop3s, port: 0, mailbox: a@example.org, upstream: {host: \"::1\","
            + " tls: none}, on-archive-failure: deliver}]";
    assertThat(read("", Map.of("POSTERN_PROXY_ROUTES", variable)).proxy().routes())
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.onArchiveFailure()).isEqualTo(OnArchiveFailure.DELIVER);
              assertThat(route.upstream().tls()).isEqualTo(UpstreamTls.NONE);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          port: 1587                 | prt: 1587           | proxy.routes[0].prt: no setting has this name; did you mean proxy.routes[0].port?
          host: mail.example.org     | hots: x             | proxy.routes[0].upstream.hots: no setting has this name; did you mean proxy.routes[0].upstream.host?
          protocol: submission       | protocol: imap      | proxy.routes[0].protocol: imap is none of smtp, submission, smtps, pop3, pop3s
          ca-file: ca.pem            | tls: none           | proxy.routes: out: upstream.tls: none is for servers on this machine only
          mailbox: archive@example.org | mailbox: archive  | proxy.routes: out: mailbox must be an address
          name: out                  | name: Out           | proxy.routes: Out: a name is made of a-z, 0-9, -
          """)
  void a_route_that_cannot_stand_is_one_line_that_says_why(
      String right, String wrong, String reason) {
    assertThatThrownBy(() -> read(ROUTE.replace(right, wrong), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(reason)
        .message()
        .hasLineCount(1);
  }

  @Test
  void a_file_that_is_not_there() {
    assertThatThrownBy(() -> new SettingsReader(Map.of()).read(folder.resolve("absent.yaml")))
        .hasMessageEndingWith("absent.yaml: cannot be read: there is no such file");
  }

  @Test
  void secrets_are_not_in_the_text_form() throws IOException {
    Settings settings =
        read("s3: {secret-key: hush}\nkafka.client.sasl.jaas.config: hush\n", Map.of());
    assertThat(settings.toString()).doesNotContain("hush").contains("sasl.jaas.config");
  }

  private Settings read(String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(folder.resolve("postern.yaml"), yaml);
    return new SettingsReader(environment).read(file);
  }
}
