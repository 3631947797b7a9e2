package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What we seal the {@code age} command opens, and the other way round. */
@Tag("interop")
class AgeToolInteropTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir private Path directory;

  private final Keys.KeyPair keys = Keys.generate(true, RANDOM);
  private Path plain;
  private Path sealed;
  private Path opened;
  private Path identities;

  @BeforeAll
  static void findPrograms() throws Exception {
    for (String program : List.of("age", "python3")) {
      if (new ProcessBuilder("sh", "-c", "command -v " + program).start().waitFor() != 0) {
        String message = "SKIPPED: needs the program " + program;
        System.err.println(message);
        Assumptions.abort(message);
      }
    }
  }

  @BeforeEach
  void nameFiles() throws IOException {
    plain = directory.resolve("plain");
    sealed = directory.resolve("sealed.age");
    // The tool makes no file where nothing is to be written.
    opened = Files.createFile(directory.resolve("opened"));
    identities = Files.write(directory.resolve("identities"), keys.identityFile());
  }

  @ParameterizedTest
  @CsvSource({
    "0, false",
    "1, true",
    "48, true",
    "65535, false",
    "65536, true",
    "65537, false",
    "300000, true"
  })
  void theToolOpensWhatWeSeal(int length, boolean armored) throws Exception {
    byte[] plaintext = random(length);
    Files.write(sealed, seal(plaintext, Keys.recipient(keys.recipient()), armored));
    run("age", "-d", "-i", identities + "", "-o", opened + "", sealed + "");
    assertThat(opened).hasBinaryContent(plaintext);
  }

  @ParameterizedTest
  @CsvSource({
    "0, false",
    "1, true",
    "48, true",
    "65535, false",
    "65536, true",
    "65537, false",
    "300000, true"
  })
  void weOpenWhatTheToolSeals(int length, boolean armored) throws Exception {
    byte[] plaintext = random(length);
    Files.write(plain, plaintext);
    List<String> command = new ArrayList<>(List.of("age", "-r", keys.recipient()));
    if (armored) {
      command.add("-a");
    }
    command.addAll(List.of("-o", sealed + "", plain + ""));
    run(command.toArray(String[]::new));
    Opening opening =
        Opening.of(Files.readAllBytes(sealed), Keys.identities(keys.identityFile()), 7, armored);
    assertThat(opening.failure()).isEmpty();
    assertThat(opening.plaintext()).isEqualTo(plaintext);
  }

  @Test
  void theToolOpensWhatWeSealWithAPassphrase() throws Exception {
    byte[] plaintext = random(1000);
    Recipient recipient = Passphrase.recipient(PASSPHRASE.getBytes(US_ASCII), 12);
    Files.write(sealed, seal(plaintext, recipient, true));
    runOnTerminal("age", "-d", "-o", opened + "", sealed + "");
    assertThat(opened).hasBinaryContent(plaintext);
  }

  @Test
  void weOpenWhatTheToolSealsWithAPassphrase() throws Exception {
    byte[] plaintext = random(1000);
    Files.write(plain, plaintext);
    runOnTerminal("age", "-p", "-o", sealed + "", plain + "");
    Identity identity =
        Passphrase.identity(PASSPHRASE.getBytes(US_ASCII), Passphrase.DEFAULT_MAX_LOG_N);
    Opening opening = Opening.of(Files.readAllBytes(sealed), List.of(identity), 1000);
    assertThat(opening.failure()).isEmpty();
    assertThat(opening.plaintext()).isEqualTo(plaintext);
  }

  @Test
  void theToolOpensWithAnIdentityFileThatWeSealed() throws Exception {
    byte[] plaintext = random(1000);
    Files.write(sealed, seal(plaintext, Keys.recipient(keys.recipient()), false));
    Recipient passphrase = Passphrase.recipient(PASSPHRASE.getBytes(US_ASCII), 12);
    Files.write(identities, seal(keys.identityFile(), passphrase, false));
    runOnTerminal("age", "-d", "-i", identities + "", "-o", opened + "", sealed + "");
    assertThat(opened).hasBinaryContent(plaintext);
  }

  private static byte[] random(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  private static byte[] seal(byte[] plaintext, Recipient recipient, boolean armored) {
    byte[] sealed = Sealing.of(plaintext, new Sealer(List.of(recipient), RANDOM), 1000);
    if (!armored) {
      return sealed;
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ArmorWriter armor = new ArmorWriter(text::write);
    armor.write(sealed, 0, sealed.length);
    armor.finish();
    return text.toByteArray();
  }

  private void runOnTerminal(String... command) throws Exception {
    Path script = Path.of(AgeToolInteropTest.class.getResource("type-passphrase.py").toURI());
    List<String> whole = new ArrayList<>(List.of("python3", script.toString(), PASSPHRASE));
    whole.addAll(List.of(command));
    run(whole.toArray(String[]::new));
  }

  private void run(String... command) throws Exception {
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended in time").isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
  }
}
