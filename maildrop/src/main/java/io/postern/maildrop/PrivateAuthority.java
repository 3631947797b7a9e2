package io.postern.maildrop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Trust in the certificates of a file beside those that the JDK trusts. */
final class PrivateAuthority {
  private final X509TrustManager trust;

  private PrivateAuthority(X509TrustManager trust) {
    this.trust = trust;
  }

  /**
   * Reads the file.
   *
   * @throws IOException in one line what is wrong with it
   */
  static PrivateAuthority of(Path file) throws IOException {
    try (InputStream pem = Files.newInputStream(file)) {
      Collection<? extends Certificate> own =
          CertificateFactory.getInstance("X.509").generateCertificates(pem);
      if (own.isEmpty()) {
        throw new IOException(file + " holds no PEM certificate");
      }
      KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
      all.load(null, null);
      int number = 0;
      for (X509Certificate known : trustManager(null).getAcceptedIssuers()) {
        all.setCertificateEntry("jdk-" + number++, known);
      }
      for (Certificate certificate : own) {
        all.setCertificateEntry("own-" + number++, certificate);
      }
      return new PrivateAuthority(trustManager(all));
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " holds no PEM certificate", e);
    }
  }

  /** Of a store, or of the JDK's own for null. */
  private static X509TrustManager trustManager(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  X509TrustManager trust() {
    return trust;
  }

  SSLSocketFactory sockets() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new X509TrustManager[] {trust}, null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS in this JDK", e);
    }
  }
}
