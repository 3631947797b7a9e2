package io.postern.gateway.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.age.ChunkOpener;
import io.postern.age.Keys;
import io.postern.age.Sealer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What large files come to, against what the same octets come to as a stream. */
class LargeFileTest {
  private static final int CHUNK_LENGTH = ChunkOpener.CHUNK_LENGTH;
  private static final int SEALED_LENGTH = CHUNK_LENGTH + ChunkOpener.TAG_LENGTH;
  private static final int LENGTH = 50 * CHUNK_LENGTH;

  @TempDir private Path directory;

  private final Keys.KeyPair keys = Keys.generate(false, new SecureRandom());
  private final StringWriter errors = new StringWriter();
  private Path identities;
  private Path plain;
  private Path sealed;
  private Path opened;

  @BeforeEach
  void makeFiles() throws IOException {
    identities = Files.write(directory.resolve("identities"), keys.identityFile());
    plain = directory.resolve("plain");
    sealed = directory.resolve("sealed");
    opened = directory.resolve("opened");
  }

  @ParameterizedTest
  @ValueSource(ints = {LENGTH - 1, LENGTH, LENGTH + 1, LENGTH + 5000})
  void opensWhatItSealed(int length) throws IOException {
    Files.write(plain, octets(length));
    Files.write(sealed, octets(2 * LENGTH)); // What stood there before is longer.
    seal();
    assertThat(LargeFile.suits(plain, opened)).isTrue();

    assertThat(open(Files.readAllBytes(sealed))).isEqualTo(octets(length));
    assertThat(openFile(sealed)).isZero();
    assertThat(opened).hasBinaryContent(octets(length));
  }

  @Test
  void opensArmor() throws IOException {
    Files.write(plain, octets(LENGTH));
    String[] seal = {"encrypt", "-a", "-r", keys.recipient(), "-o", sealed + "", plain + ""};
    assertThat(run(new byte[0], seal)).isZero();
    assertThat(openFile(sealed)).isZero();
    assertThat(opened).hasSameBinaryContentAs(plain);
  }

  @Test
  void endsWhereAStreamEndsBeforeDamage() throws IOException {
    Files.write(plain, octets(LENGTH));
    seal();
    int payload = Math.toIntExact(Files.size(sealed) - 50 * SEALED_LENGTH);
    endsAsAStream(damagedAt(100));
    endsAsAStream(damagedAt(payload + 1));
    endsAsAStream(damagedAt(payload + SEALED_LENGTH));
    endsAsAStream(damagedAt(payload + 20 * SEALED_LENGTH + 7));
    endsAsAStream(damagedAt(payload + 50 * SEALED_LENGTH - 1));
    endsAsAStream(cutTo(payload + 49 * SEALED_LENGTH));
    endsAsAStream(cutTo(payload + 48 * SEALED_LENGTH + 5));
    endsAsAStream(cutTo(payload + 48 * SEALED_LENGTH + 16));
    endsAsAStream(cutTo(payload + 50 * SEALED_LENGTH + 1));
    endsAsAStream(cutTo(payload + 60 * SEALED_LENGTH));
    // The first of several.
    endsAsAStream(file -> damagedAt(payload + 30 * SEALED_LENGTH).apply(cutTo(LENGTH).apply(file)));
  }

  @Test
  void leavesTheOutputAloneWhereTheFirstChunkIsDamaged() throws IOException {
    Files.write(plain, octets(LENGTH));
    seal();
    byte[] damaged = Files.readAllBytes(sealed);
    damaged[damaged.length - 49 * SEALED_LENGTH - 1] ^= 1;
    Files.write(sealed, damaged);
    Files.writeString(opened, "precious");
    assertThat(openFile(sealed)).isOne();
    assertThat(errors).hasToString("chunk 0 of the payload is damaged or cut short\n");
    assertThat(opened).hasContent("precious");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, LENGTH - 1, LENGTH + 1})
  void failsWhereTheInputChangesItsLength(int length) throws IOException {
    Files.write(plain, octets(LENGTH));
    Sealer sealer = new Sealer(List.of(Keys.recipient(keys.recipient())), new SecureRandom());
    try (LargeFile file = new LargeFile(plain, sealed)) {
      try (FileChannel changing = FileChannel.open(plain, StandardOpenOption.WRITE)) {
        changing.truncate(length);
        changing.write(ByteBuffer.allocate(1), length - 1L);
      }
      assertThatThrownBy(() -> file.seal(sealer))
          .hasMessage(plain + ": its length has changed while it was read");
    }
    assertThat(run(Files.readAllBytes(sealed), "decrypt", "-i", identities + "")).isOne();
    assertThat(errors).hasToString("the file ends before its last chunk\n");
  }

  private void endsAsAStream(UnaryOperator<byte[]> change) throws IOException {
    byte[] file = change.apply(Files.readAllBytes(sealed));
    Path changed = Files.write(directory.resolve("changed"), file);
    Path streamed = directory.resolve("streamed");
    Files.deleteIfExists(streamed);
    Files.deleteIfExists(opened);

    assertThat(run(file, "decrypt", "-i", identities + "", "-o", streamed + "")).isOne();
    String failure = errors.toString();
    assertThat(openFile(changed)).isOne();
    assertThat(errors).hasToString(failure);
    assertThat(Files.exists(opened)).isEqualTo(Files.exists(streamed));
    if (Files.exists(streamed)) {
      assertThat(opened).hasSameBinaryContentAs(streamed);
    }
  }

  private static UnaryOperator<byte[]> damagedAt(int position) {
    return file -> {
      file[position] ^= 1;
      return file;
    };
  }

  /** Or filled up to. */
  private static UnaryOperator<byte[]> cutTo(int length) {
    return file -> Arrays.copyOf(file, length);
  }

  private static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  private void seal() {
    assertThat(run(new byte[0], "encrypt", "-r", keys.recipient(), "-o", sealed + "", plain + ""))
        .isZero();
  }

  private int openFile(Path file) {
    return run(new byte[0], "decrypt", "-i", identities + "", "-o", opened + "", file + "");
  }

  /** As a stream. */
  private byte[] open(byte[] file) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(run(file, out, "decrypt", "-i", identities + "")).isZero();
    return out.toByteArray();
  }

  private int run(byte[] in, String... arguments) {
    return run(in, new ByteArrayOutputStream(), arguments);
  }

  private int run(byte[] in, ByteArrayOutputStream out, String... arguments) {
    errors.getBuffer().setLength(0);
    return AgeCommandTest.run(new ByteArrayInputStream(in), out, errors, arguments);
  }
}
