package io.postern.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.pipeline.Envelope;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceHeadersTest {
  private static final String ID = "01arz3ndektsv4rrffq69g5fav";
  private static final Instant TIME = Instant.parse("2026-03-04T05:06:07Z");

  @Test
  void sayWhereTheMessageCameFromAndForWhomTheCopyIs() {
    assertThat(
            headers(
                "a@example.org", "b@example.com", "192.0.2.1", "client.example.org", "TLSv1.3 X"))
        .isEqualTo(
            """
            Return-Path: <a@example.org>
            Received: from client.example.org ([192.0.2.1])
            \t(using TLSv1.3 X)
            \tby mx.example.com with ESMTPS id 01arz3ndektsv4rrffq69g5fav
            \tfor <b@example.com>;
            \tWed, 4 Mar 2026 05:06:07 +0000
            X-Envelope-From: <a@example.org>
            X-Envelope-To: <b@example.com>
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void nameEveryRecipientOfAProxysCopyAndNobodyInReceived() {
    Envelope.Copy copy =
        new Envelope.Copy(ID, "archive@example.com", List.of("b@example.com", "blind@example.org"));
    assertThat(headers("a@example.org", copy))
        .contains("X-Envelope-To: <b@example.com>\r\nX-Envelope-To: <blind@example.org>\r\n")
        .contains(" id " + ID + ";\r\n\tWed,")
        .doesNotContain("archive@example.com")
        .doesNotContain("for <");
  }

  @Test
  void sayNothingOfASenderWhomNobodyHasNamed() {
    Envelope.Copy copy = new Envelope.Copy(ID, "archive@example.com", List.of());
    assertThat(headers(null, copy)).startsWith("Received: ").doesNotContain("Envelope", "Return");
  }

  @Test
  void takeTheNullPathAndNewAddresses() {
    String headers = headers("", "grüße@example.com", "2001:db8::1", "[IPv6:2001:db8::1]", "");
    assertThat(headers)
        .startsWith("Return-Path: <>\r\n")
        .contains("([IPv6:2001:db8::1])")
        .contains("X-Envelope-To: <grüße@example.com>\r\n")
        .doesNotContain("using");
  }

  @Test
  void cannotBeExtendedByTheirValues() {
    String evil = "x\r\nBcc: victim@example.com\r\n\r\nbody\0\u0085\u2028(;)\ud800";
    String headers = headers(evil, evil, evil, evil, evil);
    assertThat(headers.split("\r\n"))
        .allMatch(
            line -> line.matches("(Return-Path|Received|X-Envelope-From|X-Envelope-To): .*|\t.*"));
    assertThat(headers.replace("\r\n", "")).doesNotContain("\r", "\n", "\0", "\u0085", "\u2028");
  }

  @Test
  void keepTheirLinesShort() {
    String endless = "ü".repeat(5000);
    assertThat(headers(endless, endless, endless, endless, endless).split("\r\n"))
        .allMatch(line -> line.getBytes(UTF_8).length <= 998);
  }

  private static String headers(String from, String to, String ip, String helo, String tls) {
    return headers(from, new Envelope.Copy(ID, to), ip, helo, tls);
  }

  private static String headers(String from, Envelope.Copy copy) {
    return headers(from, copy, "192.0.2.1", "client.example.org", "");
  }

  private static String headers(
      String from, Envelope.Copy copy, String ip, String helo, String tls) {
    Envelope envelope =
        new Envelope(
            from, List.of(copy), ip, helo, "ESMTPS", tls, "tls", "mx.example.com", TIME, true);
    return new String(TraceHeaders.of(envelope, copy, ID), UTF_8);
  }
}
