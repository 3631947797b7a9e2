package io.postern.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;

/**
 * How the certificate of a server that we connect to is checked. TLS 1.2 (RFC 5246) and 1.3 (RFC
 * 8446) only. Immutable.
 */
public final class ClientTls {
  private final SslContext context;

  private ClientTls(SslContextBuilder builder) throws IOException {
    try {
      context = builder.protocols(TlsMaterial.PROTOCOLS).build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** By the authorities that this Java trusts; the certificate must be for the server's name. */
  public static ClientTls systemAuthorities() throws IOException {
    return new ClientTls(SslContextBuilder.forClient());
  }

  /**
   * By the authorities in a PEM file and no others; the certificate must be for the server's name.
   */
  public static ClientTls authorities(Path pem) throws IOException {
    return new ClientTls(SslContextBuilder.forClient().trustManager(TlsMaterial.certificates(pem)));
  }

  /**
   * By the SHA-256 of the server's own certificate, whatever else it says.
   *
   * @param fingerprint 64 hexadecimal digits; colons and case do not matter
   * @throws IllegalArgumentException where it is none
   */
  public static ClientTls fingerprint(String fingerprint) throws IOException {
    return new ClientTls(
        SslContextBuilder.forClient()
            .trustManager(new Pin(parse(fingerprint)))
            .endpointIdentificationAlgorithm(null));
  }

  private static byte[] parse(String fingerprint) {
    String digits = fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
    if (!digits.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "a fingerprint is a SHA-256 of 64 hexadecimal digits, as openssl x509 -fingerprint"
              + " -sha256 prints it");
    }
    return HexFormat.of().parseHex(digits);
  }

  SslHandler handler(ByteBufAllocator allocator, String host, int port) {
    return context.newHandler(allocator, host, port);
  }

  /** SHA-256 of a certificate, as {@link #fingerprint(String)} takes it. */
  public static String fingerprintOf(X509Certificate certificate) {
    try {
      return HexFormat.of().formatHex(sha256(certificate));
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("not a certificate that can be encoded", e);
    }
  }

  private static byte[] sha256(X509Certificate certificate) throws CertificateEncodingException {
    try {
      return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private record Pin(byte[] expected) implements X509TrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      if (!MessageDigest.isEqual(sha256(chain[0]), expected)) {
        throw new CertificateException(
            "the certificate's fingerprint is " + fingerprintOf(chain[0]) + ", not the one set");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("there are no clients here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
