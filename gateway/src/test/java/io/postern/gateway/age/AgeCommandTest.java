package io.postern.gateway.age;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class AgeCommandTest {
  @TempDir private Path directory;

  private byte[] input = {};
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();
  private Path identities;
  private Path passphrase;
  private String recipient;

  @BeforeEach
  void makeKeys() throws IOException {
    identities = directory.resolve("identities.txt");
    passphrase = Files.writeString(directory.resolve("passphrase.txt"), "correct horse\n");
    assertThat(run("keygen", "-o", identities.toString())).isZero();
    recipient = errors.toString().strip().replace("Public key: ", "");
  }

  @Test
  void makesAnIdentityForItsOwnerOnlyAndNeverOverwritesOne() throws IOException {
    assertThat(Files.getPosixFilePermissions(identities))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    String identity = Files.readString(identities);
    assertThat(identity)
        .startsWith("# public key: age1pq1")
        .contains("# public key: " + recipient + "\nAGE-SECRET-KEY-PQ-1");

    assertThat(run("keygen", "-o", identities.toString())).isOne();
    assertThat(errors).hasToString(identities + ": exists already, and is not overwritten\n");
    assertThat(Files.readString(identities)).isEqualTo(identity);
  }

  @Test
  void printsAClassicIdentity() {
    assertThat(run("keygen", "--classic")).isZero();
    assertThat(output.toString(UTF_8)).contains("\nAGE-SECRET-KEY-1");
    assertThat(errors.toString()).matches("Public key: age1[02-9a-z]{58}\n");
  }

  @ParameterizedTest
  @CsvSource({"0", "11", "65536", "200000"})
  void opensWhatItSealed(int length) throws IOException {
    byte[] plaintext = "hello world".repeat(20_000).substring(0, length).getBytes(UTF_8);
    for (String[] armor : new String[][] {{}, {"-a"}}) {
      input = plaintext;
      assertThat(run(concat(new String[] {"encrypt", "-r", recipient}, armor))).isZero();
      input = output.toByteArray();
      assertThat(run("decrypt", "-i", identities.toString())).isZero();
      assertThat(output.toByteArray()).isEqualTo(plaintext);
      assertThat(errors.toString()).isEmpty();
    }
  }

  @Test
  void readsAndWritesFiles() throws IOException {
    Path plain = Files.writeString(directory.resolve("plain"), "hello");
    Path recipients = Files.writeString(directory.resolve("recipients"), "# us\n" + recipient);
    Path sealed = directory.resolve("sealed");
    Path opened = Files.writeString(directory.resolve("opened"), "what stood there before");
    assertThat(run("encrypt", "-R", recipients.toString(), "-o", sealed.toString(), plain + ""))
        .isZero();
    assertThat(run("decrypt", "-i", identities + "", "-o", opened + "", sealed + "")).isZero();
    assertThat(opened).hasContent("hello");
    assertThat(output.toByteArray()).isEmpty();
  }

  @Test
  void opensWithAPassphraseAndWithAnIdentityFileUnderOne() throws IOException {
    Path sealedIdentities = directory.resolve("identities.age");
    String[] seal = {"encrypt", "-a", "--passphrase-file", passphrase + ""};
    assertThat(run(concat(seal, "-o", sealedIdentities + "", identities + ""))).isZero();
    assertThat(run("decrypt", "-p", "--passphrase-file", passphrase + "", sealedIdentities + ""))
        .isZero();
    assertThat(output.toByteArray()).isEqualTo(Files.readAllBytes(identities));

    input = "hello".getBytes(UTF_8);
    assertThat(run("encrypt", "-r", recipient)).isZero();
    input = output.toByteArray();
    String[] open = {"decrypt", "-i", sealedIdentities + ""};
    assertThat(run(concat(open, "--passphrase-file", passphrase + ""))).isZero();
    assertThat(output.toString(UTF_8)).isEqualTo("hello");

    Files.writeString(passphrase, "wrong");
    assertThat(run(concat(open, "--passphrase-file", passphrase + ""))).isOne();
    assertThat(errors).hasToString("identity file " + sealedIdentities + ": wrong passphrase\n");
  }

  @Test
  void refusesWorkAboveTheLimit() throws IOException {
    input = "hello".getBytes(UTF_8);
    assertThat(run("encrypt", "--passphrase-file", passphrase + "")).isZero();
    input = output.toByteArray();
    assertThat(run("decrypt", "--passphrase-file", passphrase + "", "--max-work-factor", "17"))
        .isOne();
    assertThat(errors).hasToString("the scrypt work factor is above the limit of 2^17\n");
  }

  @Test
  void writesWhatWasAuthenticBeforeTheDamage() throws IOException {
    input = new byte[100_000];
    assertThat(run("encrypt", "-r", recipient)).isZero();
    input = output.toByteArray();
    input[input.length - 1] ^= 1;
    Path opened = directory.resolve("opened");
    assertThat(run("decrypt", "-i", identities + "", "-o", opened + "")).isOne();
    assertThat(opened).hasBinaryContent(new byte[65_536]);
    assertThat(errors).hasToString("chunk 1 of the payload is damaged or cut short\n");
  }

  @Test
  void leavesTheOutputAloneWhereNothingOpens() throws IOException {
    Path opened = Files.writeString(directory.resolve("opened"), "precious");
    input = "no age file".getBytes(UTF_8);
    assertThat(run("decrypt", "-i", identities + "", "-o", opened + "")).isOne();
    assertThat(errors).hasToString("the header is not of age version 1\n");
    assertThat(opened).hasContent("precious");
  }

  @Test
  void saysInOneLineWhatIsMissing() {
    assertThat(run("decrypt", "-i", "/no/such")).isOne();
    assertThat(errors).hasToString("/no/such: no such file\n");
    assertThat(run("decrypt", "-i", identities + "", "/no/input")).isOne();
    assertThat(errors).hasToString("/no/input: no such file\n");
    assertThat(run("decrypt", "-i", passphrase + "")).isOne();
    assertThat(errors)
        .hasToString("identity file " + passphrase + ": line 1: malformed identity: no prefix\n");
    assertThat(run("encrypt", "-r", "age1nonsense")).isOne();
    assertThat(errors).hasToString("malformed recipient: bad character\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encrypt",
        "encrypt -p -r age1x",
        "decrypt",
        "decrypt -p --max-work-factor 31",
        "decrypt -p --max-work-factor x",
        "decrypt -x",
        "keygen more"
      })
  void knowsWrongUsage(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
  }

  @Test
  void refusesToMixPostQuantumRecipientsWithOthersAndToOverwriteItsInput() throws IOException {
    assertThat(run("keygen", "--classic")).isZero();
    String classic = errors.toString().strip().replace("Public key: ", "");
    assertThat(run("encrypt", "-r", recipient, "-r", classic)).isEqualTo(2);
    assertThat(errors.toString()).startsWith("post-quantum recipients cannot be mixed");
    String same = Files.writeString(directory.resolve("plain"), "hello").toString();
    assertThat(run("encrypt", "-r", recipient, "-o", same, same)).isEqualTo(2);
    assertThat(Path.of(same)).hasContent("hello");
  }

  private int run(String... arguments) {
    output.reset();
    errors.getBuffer().setLength(0);
    return run(new ByteArrayInputStream(input), output, errors, arguments);
  }

  static int run(
      ByteArrayInputStream in,
      ByteArrayOutputStream out,
      StringWriter errors,
      String... arguments) {
    return new CommandLine(new AgeCommand(in, out, new SecureRandom()).spec())
        .setErr(new PrintWriter(errors, true))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              command.getErr().println(failure.getMessage());
              return 1;
            })
        .execute(arguments);
  }

  private static String[] concat(String[] first, String... second) {
    String[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
