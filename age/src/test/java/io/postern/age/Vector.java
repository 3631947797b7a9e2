package io.postern.age;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.InflaterInputStream;

/**
 * One public test vector (C2SP CCTV, age): {@code key: value} lines, an empty line, the file.
 *
 * @param fields the lines before the file, as pairs
 * @param file the age file, inflated
 */
record Vector(String name, List<String[]> fields, byte[] file) {
  static Vector read(Path path) {
    try {
      byte[] content = Files.readAllBytes(path);
      List<String[]> fields = new ArrayList<>();
      int start = 0;
      while (content[start] != '\n') {
        int end = start;
        while (content[end] != '\n') {
          end++;
        }
        String line = new String(content, start, end - start, StandardCharsets.UTF_8);
        fields.add(line.split(": ", 2));
        start = end + 1;
      }
      byte[] file = Arrays.copyOfRange(content, start + 1, content.length);
      Vector vector = new Vector(path.getFileName().toString(), fields, file);
      return vector.values("compressed").contains("zlib") ? vector.inflated() : vector;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Vector inflated() throws IOException {
    ByteArrayOutputStream inflated = new ByteArrayOutputStream();
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(file))) {
      in.transferTo(inflated);
    }
    return new Vector(name, fields, inflated.toByteArray());
  }

  List<String> values(String key) {
    return fields.stream().filter(field -> field[0].equals(key)).map(field -> field[1]).toList();
  }

  String expect() {
    return values("expect").get(0);
  }

  boolean armored() {
    return values("armored").contains("yes");
  }

  byte[] fileKey() {
    return HexFormat.of().parseHex(values("file key").get(0));
  }

  List<Identity> identities() throws AgeException {
    List<Identity> identities = new ArrayList<>();
    for (String identity : values("identity")) {
      identities.addAll(Keys.identities(identity.getBytes(StandardCharsets.US_ASCII)));
    }
    for (String passphrase : values("passphrase")) {
      identities.add(
          Passphrase.identity(
              passphrase.getBytes(StandardCharsets.UTF_8), Passphrase.DEFAULT_MAX_LOG_N));
    }
    return identities;
  }

  @Override
  public String toString() {
    return name;
  }
}
