package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every public test vector in the directory that the system property {@code age.vectors} names
 * (C2SP CCTV, age).
 */
class VectorsTest {
  private static final List<Integer> PIECE_LENGTHS = List.of(1, 2, 3, 7, 65_551);

  static List<Vector> vectors() throws IOException {
    Path directory = Path.of(System.getProperty("age.vectors", "age-vectors"));
    if (!Files.isDirectory(directory)) {
      String message = "SKIPPED: no age test vectors in " + directory + "; set -Dage.vectors=DIR";
      System.err.println(message);
      Assumptions.abort(message);
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("README"))
          .sorted()
          .map(Vector::read)
          .toList();
    }
  }

  static List<Vector> binaryWithSoundHeader() throws IOException {
    return vectors().stream()
        .filter(vector -> !vector.armored() && !vector.expect().equals("header failure"))
        .toList();
  }

  static List<Vector> successes() throws IOException {
    return vectors().stream().filter(vector -> vector.expect().equals("success")).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("vectors")
  void opensOrFailsAsExpected(Vector vector) throws Exception {
    for (int pieceLength : PIECE_LENGTHS) {
      Opening opening =
          Opening.of(vector.file(), vector.identities(), pieceLength, vector.armored());
      assertThat(expectation(opening))
          .as("pieces of %d: %s", pieceLength, opening.failure())
          .isEqualTo(vector.expect());
      String released = vector.values("payload").stream().findFirst().orElse(sha256(new byte[0]));
      assertThat(sha256(opening.plaintext()))
          .as("pieces of %d: all that was released", pieceLength)
          .isEqualTo(released);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("binaryWithSoundHeader")
  void writesTheHeaderAgainOctetForOctet(Vector vector) throws Exception {
    HeaderReader reader = new HeaderReader();
    int length = reader.read(vector.file(), 0, vector.file().length);
    assertThat(reader.header().encode()).isEqualTo(Arrays.copyOf(vector.file(), length));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("successes")
  void sealsAgainOctetForOctet(Vector vector) throws Exception {
    Opening opening = Opening.of(vector.file(), vector.identities(), 65_551, vector.armored());
    byte[] file = vector.armored() ? withoutArmor(vector.file()) : vector.file();
    HeaderReader reader = new HeaderReader();
    int headerLength = reader.read(file, 0, file.length);
    byte[] nonce = Arrays.copyOfRange(file, headerLength, headerLength + 16);
    for (int pieceLength : PIECE_LENGTHS) {
      Sealer sealer = new Sealer(reader.header(), vector.fileKey(), nonce);
      assertThat(Sealing.of(opening.plaintext(), sealer, pieceLength)).isEqualTo(file);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("successes")
  void armorsAgain(Vector vector) {
    if (vector.armored()) {
      ByteArrayOutputStream armored = new ByteArrayOutputStream();
      ArmorWriter writer = new ArmorWriter(armored::write);
      byte[] file = withoutArmor(vector.file());
      writer.write(file, 0, file.length);
      writer.finish();
      String canonical = new String(vector.file(), US_ASCII).replace("\r\n", "\n").strip() + "\n";
      assertThat(armored.toString(US_ASCII)).isEqualTo(canonical);
    }
  }

  /** The JDK's MIME decoder is lenient, which does not matter for what ours has accepted. */
  private static byte[] withoutArmor(byte[] file) {
    String text = new String(file, US_ASCII);
    return Base64.getMimeDecoder().decode(text.replaceAll("-----[^\n]*-----", ""));
  }

  private static String expectation(Opening opening) {
    return opening
        .failure()
        .map(
            failure ->
                switch (failure.category()) {
                  case HEADER, WORK_FACTOR -> "header failure";
                  case NO_MATCH -> "no match";
                  case HMAC -> "HMAC failure";
                  case PAYLOAD -> "payload failure";
                  case ARMOR -> "armor failure";
                  case KEY -> "malformed key";
                })
        .orElse("success");
  }

  private static String sha256(byte[] octets) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
  }
}
