package io.postern.wire;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate (ECDSA, P-256) that vouches for itself, and its key, as PEM. */
record SelfSigned(String certificatePem, String keyPem) {
  private static final int KEY_BITS = 256;
  private static final Duration VALIDITY = Duration.ofDays(3650);
  private static final Duration CLOCK_SKEW = Duration.ofDays(1);

  static SelfSigned make(String hostname, SecureRandom random, InstantSource clock)
      throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, hostname).build();
      Instant now = clock.instant();
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              name,
              new BigInteger(127, random),
              Date.from(now.minus(CLOCK_SKEW)),
              Date.from(now.plus(VALIDITY)),
              name,
              SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
      builder.addExtension(Extension.subjectAlternativeName, false, names(hostname));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      byte[] certificate =
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
              .getEncoded();
      return new SelfSigned(
          TlsMaterial.pem("CERTIFICATE", certificate),
          TlsMaterial.pem("PRIVATE KEY", withPublicPart(pair)));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot make a certificate for " + hostname, e);
    }
  }

  /**
   * PKCS#8 as OpenSSL writes it: RFC 5915, section 3, wants the public key in it, which Java leaves
   * out, and GnuTLS reads no EC key without it.
   */
  private static byte[] withPublicPart(KeyPair pair) throws IOException {
    BigInteger secret = ((ECPrivateKey) pair.getPrivate()).getS();
    SubjectPublicKeyInfo open = SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
    return new PrivateKeyInfo(
            open.getAlgorithm(),
            new org.bouncycastle.asn1.sec.ECPrivateKey(
                KEY_BITS, secret, open.getPublicKeyData(), null))
        .getEncoded();
  }

  /** Writes both; the key's file is readable by its owner only, from its first moment. */
  void write(Path certificate, Path key) throws IOException {
    Files.createDirectories(certificate.toAbsolutePath().getParent());
    write(key, keyPem, PosixFilePermissions.fromString("rw-------"));
    write(certificate, certificatePem, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static void write(Path file, String text, Set<PosixFilePermission> mode)
      throws IOException {
    FileAttribute<?> attribute = PosixFilePermissions.asFileAttribute(mode);
    Path unfinished = Files.createTempFile(file.toAbsolutePath().getParent(), "tls", "", attribute);
    Files.writeString(unfinished, text);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static GeneralNames names(String hostname) {
    return new GeneralNames(
        new GeneralName[] {
          new GeneralName(GeneralName.dNSName, hostname),
          new GeneralName(GeneralName.dNSName, "localhost"),
          new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
          new GeneralName(GeneralName.iPAddress, "::1"),
        });
  }

  @Override
  public String toString() {
    return "SelfSigned[key not shown]";
  }
}
