package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.gateway.config.Settings;
import io.postern.gateway.config.SettingsReader;
import io.postern.pipeline.TransitKey;
import io.postern.wire.TlsMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetupFilesTest {
  private static final List<String> ALL =
      List.of(
          "transit/identity.txt",
          "recipient/recipient.txt",
          "tls/certificate.pem",
          "tls/key.pem",
          "s3/access-key",
          "s3/secret-key",
          "s3/server.env");

  @TempDir private Path folder;
  private final List<String> report = new ArrayList<>();

  private Settings settings() {
    Map<String, String> names = new HashMap<>();
    names.put("POSTERN_TRANSIT_IDENTITY_FILE", path("transit/identity.txt"));
    names.put("POSTERN_TRANSIT_RECIPIENT_FILE", path("recipient/recipient.txt"));
    names.put("POSTERN_TLS_CERTIFICATE", path("tls/certificate.pem"));
    names.put("POSTERN_TLS_KEY", path("tls/key.pem"));
    names.put("POSTERN_S3_ACCESS_KEY_FILE", path("s3/access-key"));
    names.put("POSTERN_S3_SECRET_KEY_FILE", path("s3/secret-key"));
    return new SettingsReader(names).readEnvironment();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void make() {
    new SetupFiles(
            settings(), "mx.example.org", new SecureRandom(), InstantSource.system(), report::add)
        .make(folder.resolve("s3/server.env"));
  }

  @Test
  void makesWhatFitsTogether() throws IOException {
    make();

    assertThat(report).hasSize(6);
    Settings.Transit transit = settings().transit();
    TransitKey sealsTo = TransitKeyFile.recipientOf(transit);
    assertThat(sealsTo.id())
        .isEqualTo(TransitKey.of(TransitKeyFile.firstRecipient(transit.identityFile())).id());
    assertThat(TransitKeyFile.identitiesOf(transit)).hasSize(1);
    TlsMaterial.of(folder.resolve("tls/certificate.pem"), folder.resolve("tls/key.pem"));
    String secret = Files.readString(folder.resolve("s3/secret-key")).strip();
    assertThat(secret).hasSizeGreaterThanOrEqualTo(32);
    assertThat(folder.resolve("s3/server.env"))
        .hasContent("export MINIO_ROOT_USER=postern\nexport MINIO_ROOT_PASSWORD=" + secret + "\n");
  }

  @Test
  void changesNothingThatIsThere() throws IOException {
    make();
    Map<String, String> before = contents();
    report.clear();

    make();

    assertThat(contents()).isEqualTo(before);
    assertThat(report).isEmpty();
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new HashMap<>();
    for (String name : ALL) {
      contents.put(name, Files.readString(folder.resolve(name)));
    }
    return contents;
  }

  @Test
  void makesAgainWhatFollowsFromTheRest() throws IOException {
    make();
    Map<String, String> before = contents();
    Files.delete(folder.resolve("recipient/recipient.txt"));
    Files.delete(folder.resolve("s3/server.env"));

    make();

    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void onlyTheirOwnerReadsSecrets() throws IOException {
    make();

    for (String name : ALL) {
      if (!name.equals("tls/certificate.pem")) {
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))))
            .as(name)
            .isEqualTo("rw-------");
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).as("nothing half done").hasSize(ALL.size());
    }
  }

  @Test
  void refusesToReplaceAnIdentityThatIsGone() throws IOException {
    make();
    Files.delete(folder.resolve("transit/identity.txt"));

    assertThatThrownBy(this::make)
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("transit/identity.txt is gone")
        .message()
        .hasLineCount(1);
    assertThat(folder.resolve("transit/identity.txt")).doesNotExist();
  }

  @Test
  void refusesToReplaceHalfACertificate() throws IOException {
    make();
    Files.delete(folder.resolve("tls/key.pem"));

    assertThatThrownBy(this::make)
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("only one is there");
  }
}
