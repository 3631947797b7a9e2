package io.postern.gateway;

import io.postern.gateway.config.Settings;
import io.postern.wire.TlsMaterial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Makes the files that the settings name and that are not there: transit key, certificate, the
 * store's credentials. What is there is left alone.
 */
final class SetupFiles {
  private static final String ACCESS_KEY = "postern";
  private static final int SECRET_BYTES = 24;

  private final Settings settings;
  private final String hostname;
  private final SecureRandom random;
  private final InstantSource clock;
  private final Consumer<String> report;

  /**
   * @param report takes one line for each file that was made
   */
  SetupFiles(
      Settings settings,
      String hostname,
      SecureRandom random,
      InstantSource clock,
      Consumer<String> report) {
    this.settings = settings;
    this.hostname = hostname;
    this.random = random;
    this.clock = clock;
    this.report = report;
  }

  /**
   * Makes what is missing.
   *
   * @param serverEnvironment where to write the credentials as the S3 server's own settings, or
   *     null
   * @throws CommandFailure where a file cannot be made, or what is there does not fit together
   */
  void make(Path serverEnvironment) {
    try {
      transitKey();
      certificate();
      credentials(serverEnvironment);
    } catch (IOException e) {
      throw new CommandFailure("setup cannot make its files: " + e, e);
    }
  }

  private void transitKey() throws IOException {
    Path identities = settings.transit().identityFile();
    Path recipient = settings.transit().recipientFile();
    if (identities == null) {
      return;
    }
    if (Files.notExists(identities)) {
      if (recipient != null && Files.exists(recipient)) {
        throw new CommandFailure(
            recipient
                + " is there, but its identity "
                + identities
                + " is gone: what was sealed to it is lost without. Restore it, or remove both");
      }
      TransitKeyFile.make(identities, random);
      report.accept("made the transit key " + identities);
    }
    if (recipient != null && Files.notExists(recipient)) {
      write(recipient, TransitKeyFile.firstRecipient(identities));
      report.accept("made the transit recipient " + recipient);
    }
  }

  private void certificate() throws IOException {
    Settings.Tls tls = settings.tls();
    if (tls.certificate() == null) {
      return;
    }
    boolean certificate = Files.exists(tls.certificate());
    if (certificate != Files.exists(tls.key())) {
      throw new CommandFailure(
          "of "
              + tls.certificate()
              + " and "
              + tls.key()
              + " only one is there: restore the other");
    }
    if (!certificate) {
      TlsMaterial.makeSelfSigned(tls.certificate(), tls.key(), hostname, random, clock);
      report.accept("made the self-signed certificate " + tls.certificate() + " for " + hostname);
    }
  }

  private void credentials(Path serverEnvironment) throws IOException {
    Path user = settings.s3().accessKeyFile();
    Path secret = settings.s3().secretKeyFile();
    if (user != null && Files.notExists(user)) {
      write(user, ACCESS_KEY);
      report.accept("made the store's user " + user);
    }
    if (secret != null && Files.notExists(secret)) {
      byte[] fresh = new byte[SECRET_BYTES];
      random.nextBytes(fresh);
      write(secret, HexFormat.of().formatHex(fresh));
      report.accept("made the store's secret " + secret);
    }
    if (serverEnvironment != null && Files.notExists(serverEnvironment)) {
      // What MinIO reads by MINIO_CONFIG_ENV_FILE, and any shell by its dot.
      write(
          serverEnvironment,
          "export MINIO_ROOT_USER=%s%nexport MINIO_ROOT_PASSWORD=%s"
              .formatted(
                  SecretFile.orValue("s3.access-key-file", user, settings.s3().accessKey()),
                  SecretFile.orValue("s3.secret-key-file", secret, settings.s3().secretKey())));
      report.accept("made the S3 server's settings " + serverEnvironment);
    }
  }

  private static void write(Path file, String text) throws IOException {
    SecretFile.write(file, (text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
