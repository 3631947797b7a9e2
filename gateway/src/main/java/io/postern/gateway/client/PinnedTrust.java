package io.postern.gateway.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Trust in one certificate and nothing else. */
public final class PinnedTrust {
  private PinnedTrust() {}

  /** Trusts the first certificate in a PEM file. */
  public static SSLContext in(Path certificate) throws IOException, GeneralSecurityException {
    Certificate pinned;
    try (InputStream pem = Files.newInputStream(certificate)) {
      pinned = CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("postern", pinned);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
