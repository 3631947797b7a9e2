package io.postern.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsMaterialTest {
  @TempDir Path folder;

  @Test
  void makesACertificateOnce() throws Exception {
    selfSigned(folder);
    Path key = folder.resolve("key.pem");
    byte[] first = Files.readAllBytes(key);
    selfSigned(folder);
    assertThat(Files.readAllBytes(key)).isEqualTo(first);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    X509Certificate certificate = certificate(folder);
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(name -> (Object) name.get(1))
        .contains("mx.example.org", "localhost", "127.0.0.1");
  }

  /** Without it GnuTLS does not read the file: RFC 5915, section 3. */
  @Test
  void theKeyFileHoldsThePublicPartToo() throws Exception {
    selfSigned(folder);
    try (PEMParser pem = new PEMParser(Files.newBufferedReader(folder.resolve("key.pem")))) {
      PrivateKeyInfo key = (PrivateKeyInfo) pem.readObject();
      SubjectPublicKeyInfo open =
          SubjectPublicKeyInfo.getInstance(certificate(folder).getPublicKey().getEncoded());
      assertThat(ECPrivateKey.getInstance(key.parsePrivateKey()).getPublicKey())
          .isEqualTo(open.getPublicKeyData());
    }
  }

  @Test
  void takesNewFilesAndKeepsTheOldOnesWhereTheNewAreUnsound() throws Exception {
    TlsMaterial tls = selfSigned(folder);
    SslContext first = tls.context();
    assertThat(tls.reload()).isFalse();
    assertThat(tls.context()).isSameAs(first);

    Path other = folder.resolve("other");
    selfSigned(other);
    Files.copy(
        other.resolve("key.pem"), folder.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(tls::reload)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not the key of the certificate");
    assertThat(tls.context()).isSameAs(first);

    Files.copy(
        other.resolve("certificate.pem"),
        folder.resolve("certificate.pem"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(tls.reload()).isTrue();
    assertThat(tls.context()).isNotSameAs(first);
  }

  @Test
  void shakesHandsWithItself() throws IOException {
    assertThat(selfSigned(folder).warmUp()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "RSA, 2048, SHA256withRSA",
    "EC, 384, SHA384withECDSA",
    "Ed25519, 255, Ed25519",
  })
  void takesKeysOfAllKindsThatServersHave(String kind, int bits, String signature)
      throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    generator.initialize(bits);
    KeyPair pair = generator.generateKeyPair();
    X500Name name = new X500Name("CN=mx.example.org");
    Instant now = Instant.now();
    byte[] der =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(now.minusSeconds(60)),
                Date.from(now.plusSeconds(3600)),
                name,
                pair.getPublic())
            .build(new JcaContentSignerBuilder(signature).build(pair.getPrivate()))
            .getEncoded();
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    Files.writeString(certificate, TlsMaterial.pem("CERTIFICATE", der));
    Files.writeString(key, TlsMaterial.pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    assertThat(TlsMaterial.of(certificate, key).warmUp()).isTrue();
  }

  @Test
  void saysInOneLineWhatIsWrong() throws IOException {
    selfSigned(folder);
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    Path absent = folder.resolve("absent.pem");
    assertThatThrownBy(() -> TlsMaterial.of(absent, key)).hasMessageContaining("cannot read");
    assertThatThrownBy(() -> TlsMaterial.of(key, key)).hasMessageContaining("no PEM certificate");
    assertThatThrownBy(() -> TlsMaterial.of(certificate, certificate))
        .hasMessageContaining("no private key");
  }

  private static TlsMaterial selfSigned(Path folder) throws IOException {
    return TlsMaterial.selfSigned(
        folder, "mx.example.org", new SecureRandom(), InstantSource.system());
  }

  private static X509Certificate certificate(Path folder) throws Exception {
    byte[] pem = Files.readAllBytes(folder.resolve("certificate.pem"));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }
}
