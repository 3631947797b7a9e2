package io.postern.gateway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.wire.TlsMaterial;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate and key that Postern makes are files for everybody, not for Java alone. */
@Tag("interop")
class KeyFileInteropTest {
  @TempDir Path home;

  @Test
  void theKeyIsReadByGnuTls() throws Exception {
    Program.require("certtool");
    assertThat(program().run("certtool", "-k", "--infile", "key.pem").expectSuccess().output())
        .contains("EC/ECDSA")
        .contains("SECP256R1");
  }

  @Test
  void theKeyIsReadByOpenSslAndBelongsToTheCertificate() throws Exception {
    Program.require("openssl");
    Program program = program();
    String ofTheKey =
        program
            .run("openssl", "pkey", "-in", "key.pem", "-check", "-pubout")
            .expectSuccess()
            .output();
    String ofTheCertificate =
        program
            .run("openssl", "x509", "-in", "certificate.pem", "-noout", "-pubkey")
            .expectSuccess()
            .output();
    assertThat(ofTheKey).contains("Key is valid").contains(ofTheCertificate);
  }

  private Program program() throws Exception {
    TlsMaterial.makeSelfSigned(
        home.resolve("certificate.pem"),
        home.resolve("key.pem"),
        "localhost",
        new SecureRandom(),
        InstantSource.system());
    return new Program(home);
  }
}
