package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import io.postern.wire.ClientTls;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A real mail server, and in front of it a Postern with a proxy for each of its ports. */
final class ProxiedServers {
  private static final String ARCHIVE = "archive@postern.example";

  final MailServers real;
  private final RunningPostern postern;
  private final Account archive;

  private ProxiedServers(MailServers real, RunningPostern postern) throws Exception {
    this.real = real;
    this.postern = postern;
    this.archive = postern.newMailbox(ARCHIVE);
  }

  /** Starts all; skips the test, and says so, where that cannot be. */
  static ProxiedServers start(Path home) throws Exception {
    MailServers real = MailServers.start(home);
    try {
      RunningPostern postern = RunningPostern.start(Map.of("POSTERN_PROXY_ROUTES", routes(real)));
      return new ProxiedServers(real, postern);
    } catch (Exception e) {
      real.stop();
      throw e;
    }
  }

  private static String routes(MailServers real) throws Exception {
    String byAuthority = "ca-file: " + real.certificate();
    String byFingerprint = "fingerprint: \"" + fingerprint(real) + "\"";
    return "["
        + String.join(
            ",",
            route("submission", "submission", real.smtpPort(), byAuthority),
            route("smtp", "smtp", real.smtpPort(), byFingerprint),
            route("smtps", "smtps", real.smtpsPort(), byAuthority),
            route("pop3", "pop3", real.popPort(), byFingerprint),
            route("pop3s", "pop3s", real.popsPort(), byAuthority))
        + "]";
  }

  private static String route(String name, String protocol, int server, String trust) {
    return "{name: %s, protocol: %s, port: 0, mailbox: %s, upstream: {host: localhost, port: %d, %s}}"
        .formatted(name, protocol, ARCHIVE, server, trust);
  }

  private static String fingerprint(MailServers real) throws Exception {
    try (InputStream pem = Files.newInputStream(real.certificate())) {
      return ClientTls.fingerprintOf(
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
  }

  int port(String route) {
    return postern.proxyPort(route);
  }

  /** What signs the proxies' certificate: itself. */
  Path certificate() {
    return postern.certificate();
  }

  /** The one copy of each letter, as soon as all are there. */
  List<byte[]> copies(List<byte[]> letters) {
    return Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              List<byte[]> all = postern.pullAll(archive);
              return letters.stream().map(letter -> only(letter, all)).toList();
            },
            found -> found.stream().allMatch(copy -> copy != null));
  }

  private static byte[] only(byte[] letter, List<byte[]> messages) {
    List<byte[]> found =
        messages.stream()
            .filter(whole -> Letters.messageId(whole).equals(Letters.messageId(letter)))
            .toList();
    assertThat(found.stream().map(ProxiedServers::traceHeaders).toList())
        .as("copies")
        .hasSizeLessThan(2);
    return found.isEmpty() ? null : found.get(0);
  }

  private static String traceHeaders(byte[] copy) {
    String text = new String(copy, ISO_8859_1);
    return text.substring(0, text.indexOf("From: "));
  }

  /** The message among some. */
  static byte[] of(byte[] letter, List<byte[]> messages) {
    return messages.stream()
        .filter(whole -> Letters.messageId(whole).equals(Letters.messageId(letter)))
        .findFirst()
        .orElseThrow();
  }

  void stop() throws Exception {
    postern.stop();
    real.stop();
  }
}
