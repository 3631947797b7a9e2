package io.postern.gateway.age;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every public test vector once more, as a person would open it. */
class AgeVectorsTest {
  @TempDir private Path directory;

  static List<Path> vectors() throws IOException {
    Path vectors = Path.of(System.getProperty("age.vectors", "age-vectors"));
    if (!Files.isDirectory(vectors)) {
      String message = "SKIPPED: no age test vectors in " + vectors + "; set -Dage.vectors=DIR";
      System.err.println(message);
      Assumptions.abort(message);
    }
    try (Stream<Path> files = Files.list(vectors)) {
      return files.filter(file -> !file.endsWith("README.md")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void opensOrFailsInOneLine(Path vector) throws Exception {
    byte[] content = Files.readAllBytes(vector);
    String fields = new String(content, ISO_8859_1).split("\n\n", 2)[0];
    byte[] file = file(content, fields);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    StringWriter errors = new StringWriter();
    int exitCode =
        AgeCommandTest.run(new ByteArrayInputStream(file), output, errors, arguments(fields));

    boolean success = values(fields, "expect").contains("success");
    assertThat(exitCode).as(errors.toString()).isEqualTo(success ? 0 : 1);
    assertThat(errors.toString().lines()).hasSize(success ? 0 : 1);
    String released = Sha256.hex(output.toByteArray());
    String nothing = Sha256.hex(new byte[0]);
    assertThat(released).isEqualTo(values(fields, "payload").stream().findFirst().orElse(nothing));
  }

  private String[] arguments(String fields) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("decrypt"));
    String identities = values(fields, "identity").stream().collect(Collectors.joining("\n"));
    if (!identities.isEmpty()) {
      arguments.add("-i");
      arguments.add(Files.writeString(directory.resolve("identities"), identities).toString());
    }
    for (String passphrase : values(fields, "passphrase").stream().limit(1).toList()) {
      arguments.add("--passphrase-file");
      arguments.add(Files.writeString(directory.resolve("passphrase"), passphrase).toString());
    }
    if (arguments.size() == 1) {
      arguments.add("--passphrase-file");
      arguments.add(Files.writeString(directory.resolve("passphrase"), "none").toString());
    }
    return arguments.toArray(String[]::new);
  }

  private static byte[] file(byte[] content, String fields) throws IOException {
    int start = fields.length() + 2;
    ByteArrayInputStream file = new ByteArrayInputStream(content, start, content.length - start);
    boolean compressed = values(fields, "compressed").contains("zlib");
    return (compressed ? new InflaterInputStream(file) : file).readAllBytes();
  }

  private static List<String> values(String fields, String key) {
    return fields
        .lines()
        .filter(line -> line.startsWith(key + ": "))
        .map(line -> line.substring(key.length() + 2))
        .toList();
  }
}
