package io.postern.wire;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate chain and its key, read from PEM files and read again when they change. TLS 1.2
 * (RFC 5246) and 1.3 (RFC 8446) only. Thread-safe; everything but {@link #context} blocks.
 */
public final class TlsMaterial {
  /** How often the files are looked at. */
  static final Duration RELOAD_INTERVAL = Duration.ofSeconds(10);

  /** What we speak, as a server and as a client. */
  static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  private static final Logger LOG = LoggerFactory.getLogger(TlsMaterial.class);

  private final Path certificateFile;
  private final Path keyFile;
  private byte[] certificate = {};
  private byte[] key = {};
  private volatile SslContext context;

  private TlsMaterial(Path certificateFile, Path keyFile) throws IOException {
    this.certificateFile = certificateFile;
    this.keyFile = keyFile;
    reload();
  }

  /**
   * From PEM files.
   *
   * @param certificate the chain, the server's own certificate first
   * @param key its private key: PKCS#8, or the older RSA and EC forms, without a passphrase
   * @throws IOException in one line what is wrong with the files
   */
  public static TlsMaterial of(Path certificate, Path key) throws IOException {
    return new TlsMaterial(certificate, key);
  }

  /**
   * From {@code certificate.pem} and {@code key.pem} in a folder, which are made where there are
   * none: a self-signed certificate for {@code hostname} and this machine.
   */
  public static TlsMaterial selfSigned(
      Path folder, String hostname, SecureRandom random, InstantSource clock) throws IOException {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    if (!Files.exists(certificate) || !Files.exists(key)) {
      makeSelfSigned(certificate, key, hostname, random, clock);
    }
    return of(certificate, key);
  }

  /** Writes a self-signed certificate for {@code hostname} and this machine, and its key. */
  public static void makeSelfSigned(
      Path certificate, Path key, String hostname, SecureRandom random, InstantSource clock)
      throws IOException {
    SelfSigned.make(hostname, random, clock).write(certificate, key);
  }

  /** What new handshakes use. The same object until the files have changed. */
  SslContext context() {
    return context;
  }

  /**
   * Shakes hands with itself, in memory: what a young JVM does for the first time takes a tenth of
   * a second, which the first peer is then spared.
   *
   * @return whether it worked; nothing depends on it
   */
  public boolean warmUp() {
    SslHandler server = context.newHandler(UnpooledByteBufAllocator.DEFAULT);
    try {
      String own = ClientTls.fingerprintOf(certificates(certificateFile)[0]);
      SslHandler client =
          ClientTls.fingerprint(own).handler(UnpooledByteBufAllocator.DEFAULT, "localhost", 0);
      EmbeddedChannel here = new EmbeddedChannel(server);
      EmbeddedChannel there = new EmbeddedChannel(client);
      boolean moved = true;
      while (moved) {
        moved = move(there, here) | move(here, there);
      }
      here.finishAndReleaseAll();
      there.finishAndReleaseAll();
    } catch (IOException | RuntimeException e) {
      LOG.debug("{}: no handshake with itself", certificateFile, e);
    }
    return server.handshakeFuture().isSuccess();
  }

  private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
    Object octets = from.readOutbound();
    if (octets != null) {
      to.writeInbound(octets);
    }
    return octets != null;
  }

  /**
   * Reads the files again; keeps what it had where they are not sound.
   *
   * @return whether they have changed
   */
  synchronized boolean reload() throws IOException {
    byte[] newCertificate = read(certificateFile);
    byte[] newKey = read(keyFile);
    if (Arrays.equals(certificate, newCertificate) && Arrays.equals(key, newKey)) {
      return false;
    }
    context = context(newCertificate, newKey);
    certificate = newCertificate;
    key = newKey;
    return true;
  }

  private SslContext context(byte[] certificatePem, byte[] keyPem) throws IOException {
    X509Certificate[] chain = certificates(certificateFile, certificatePem);
    PrivateKey privateKey = privateKey(keyPem);
    if (!belongTogether(privateKey, chain[0].getPublicKey())) {
      throw new IOException(keyFile + " is not the key of the certificate " + certificateFile);
    }
    return serverContext(new ServerKey(privateKey, chain));
  }

  private static SslContext serverContext(ServerKey serverKey) {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      // Clients show no certificates: whom to trust need not be read from the JVM's files.
      tls.init(new KeyManager[] {serverKey}, new TrustManager[0], null);
      return new JdkSslContext(
          tls,
          false,
          null,
          IdentityCipherSuiteFilter.INSTANCE,
          ApplicationProtocolConfig.DISABLED,
          ClientAuth.NONE,
          PROTOCOLS.toArray(String[]::new),
          false);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no TLS", e);
    }
  }

  /** The certificates in a PEM file: one at least. */
  static X509Certificate[] certificates(Path file) throws IOException {
    return certificates(file, read(file));
  }

  private static X509Certificate[] certificates(Path file, byte[] pem) throws IOException {
    try {
      X509Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .toArray(new X509Certificate[0]);
      if (chain.length > 0) {
        return chain;
      }
    } catch (GeneralSecurityException e) {
      LOG.debug("{}: {}", file, e.toString());
    }
    throw new IOException(file + " holds no PEM certificate");
  }

  private PrivateKey privateKey(byte[] pem) throws IOException {
    try (PEMParser parser =
        new PEMParser(new StringReader(new String(pem, StandardCharsets.ISO_8859_1)))) {
      for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
        // Files of EC keys may begin with the curve's parameters.
        if (found instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getKeyPair(pair).getPrivate();
        }
        if (found instanceof PrivateKeyInfo key) {
          return new JcaPEMKeyConverter().getPrivateKey(key);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new IOException(keyFile + " is not a PEM private key", e);
    }
    throw new IOException(keyFile + " holds no private key without a passphrase");
  }

  private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    try {
      byte[] proof = {1};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(privateKey);
      signature.update(proof);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(proof);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + e.getClass().getSimpleName(), e);
    }
  }

  static String pem(String type, byte[] der) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, der));
    }
    return text.toString();
  }
}
