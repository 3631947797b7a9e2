package io.postern.age;

import static io.postern.age.ChunkOpener.CHUNK_LENGTH;
import static io.postern.age.ChunkOpener.TAG_LENGTH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunksTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Sink NOWHERE = (octets, offset, length) -> {};
  private static final int SEALED_LENGTH = CHUNK_LENGTH + TAG_LENGTH;

  private final Keys.KeyPair keys = Keys.generate(false, RANDOM);
  private final byte[] plaintext = new byte[2 * CHUNK_LENGTH + 1000];
  private final byte[] file;
  private final ChunkOpener chunks;

  ChunksTest() throws AgeException {
    new Random(7).nextBytes(plaintext);
    file = Sealing.of(plaintext, sealer(), plaintext.length);
    chunks = ChunkOpener.of(file, Keys.identities(keys.identityFile()));
  }

  private Sealer sealer() throws AgeException {
    return new Sealer(List.of(Keys.recipient(keys.recipient())), RANDOM);
  }

  @Test
  void opensChunksInAnyOrderAndAgain() throws AgeException {
    ChunkOpener another = chunks.another();
    for (int index : new int[] {2, 0, 1, 1, 2, 2, 0}) {
      byte[] expected = slice(plaintext, index * CHUNK_LENGTH, CHUNK_LENGTH);
      ByteBuffer sealed = ByteBuffer.wrap(sealed(index));
      for (ByteBuffer opened : List.of(direct(CHUNK_LENGTH), ByteBuffer.allocate(CHUNK_LENGTH))) {
        chunks.open(index, index == 2, sealed, opened);
        assertThat(written(opened)).isEqualTo(expected);
        opened.clear();
        another.open(index, index == 2, direct(sealed.array()), opened);
        assertThat(written(opened)).isEqualTo(expected);
      }
    }
  }

  @Test
  void sealsChunksInAnyOrder() throws AgeException {
    Sealer sealer = sealer();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    ChunkSealer first = sealer.byChunk(head::write);
    ChunkSealer second = first.another();
    byte[] sealed = Arrays.copyOf(head.toByteArray(), file.length);
    for (int index : new int[] {1, 2, 0}) {
      byte[] chunk = slice(plaintext, index * CHUNK_LENGTH, CHUNK_LENGTH);
      ByteBuffer to = direct(SEALED_LENGTH);
      (index == 1 ? first : second).seal(index, index == 2, direct(chunk), to);
      byte[] made = written(to);
      System.arraycopy(made, 0, sealed, head.size() + index * SEALED_LENGTH, made.length);
    }

    Opening opening = Opening.of(sealed, Keys.identities(keys.identityFile()), sealed.length);
    assertThat(opening.failure()).isEmpty();
    assertThat(opening.plaintext()).isEqualTo(plaintext);
    assertThatIllegalStateException().isThrownBy(() -> sealer.finish(NOWHERE));
    assertThatIllegalStateException().isThrownBy(() -> sealer.byChunk(NOWHERE));
  }

  @Test
  void sealsNoChunkThatNoFileHas() throws AgeException {
    ChunkSealer sealer = sealer().byChunk(NOWHERE);
    for (int[] chunk : new int[][] {{0, 0, 100}, {1, 1, 0}, {1, 1, CHUNK_LENGTH + 1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  sealer.seal(
                      chunk[0], chunk[1] == 1, ByteBuffer.allocate(chunk[2]), direct(100_000)));
    }
  }

  @Test
  void refusesAChunkAtAnotherPlace() {
    String damaged = " of the payload is damaged or cut short";
    refuses(1, false, sealed(0), "chunk 1" + damaged);
    refuses(1, true, sealed(0), "chunk 1" + damaged);
    refuses(2, false, sealed(2), "chunk 2" + damaged);
    refuses(2, true, Arrays.copyOf(sealed(2), 1015), "chunk 2" + damaged);
    refuses(0, true, new byte[15], "chunk 0" + damaged);
    refuses(0, true, new byte[SEALED_LENGTH + 1], "chunk 0" + damaged);
    refuses(2, true, new byte[16], "the last chunk is empty");
    refuses(2, true, new byte[0], "the file ends before its last chunk");
  }

  @Test
  void releasesAFullChunkWithWhichTheFileEndsTooEarlyOrTooLate() throws AgeException {
    ByteBuffer opened = direct(CHUNK_LENGTH);
    assertThatThrownBy(() -> chunks.open(1, true, direct(sealed(1)), opened))
        .hasMessage("the file ends before its last chunk");
    assertThat(written(opened)).isEqualTo(slice(plaintext, CHUNK_LENGTH, CHUNK_LENGTH));

    byte[] whole = Arrays.copyOf(plaintext, CHUNK_LENGTH);
    byte[] sealed = Sealing.of(whole, sealer(), whole.length);
    ChunkOpener only = ChunkOpener.of(sealed, Keys.identities(keys.identityFile()));
    opened.clear();
    assertThatThrownBy(
            () -> only.open(0, false, direct(slice(sealed, only.headLength(), 70_000)), opened))
        .hasMessage("data follows the last chunk");
    assertThat(written(opened)).isEqualTo(whole);
  }

  @Test
  void needsTheWholeHead() {
    assertThatThrownBy(
            () -> ChunkOpener.of(Arrays.copyOf(file, chunks.headLength() - 1), List.of()))
        .isInstanceOf(AgeException.class)
        .hasMessage("the file ends within its header");
  }

  private byte[] sealed(int index) {
    return slice(file, chunks.headLength() + index * SEALED_LENGTH, SEALED_LENGTH);
  }

  private void refuses(long index, boolean last, byte[] sealed, String why) {
    ByteBuffer opened = direct(CHUNK_LENGTH + 1);
    assertThatThrownBy(() -> chunks.open(index, last, direct(sealed), opened))
        .isInstanceOf(AgeException.class)
        .hasMessage(why);
    assertThat(opened.position()).isZero();
  }

  private static byte[] slice(byte[] octets, int from, int length) {
    return Arrays.copyOfRange(octets, from, Math.min(octets.length, from + length));
  }

  private static ByteBuffer direct(byte[] octets) {
    return direct(octets.length).put(octets).flip();
  }

  private static ByteBuffer direct(int length) {
    return ByteBuffer.allocateDirect(length);
  }

  private static byte[] written(ByteBuffer buffer) {
    byte[] octets = new byte[buffer.position()];
    buffer.get(0, octets);
    return octets;
  }
}
