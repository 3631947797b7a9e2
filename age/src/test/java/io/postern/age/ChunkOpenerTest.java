package io.postern.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkOpenerTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Keys.KeyPair keys = Keys.generate(false, RANDOM);
  private final byte[] plaintext = new byte[2 * ChunkOpener.CHUNK_LENGTH + 1000];
  private final byte[] file;
  private final ChunkOpener chunks;

  ChunkOpenerTest() throws AgeException {
    new Random(7).nextBytes(plaintext);
    Sealer sealer = new Sealer(List.of(Keys.recipient(keys.recipient())), RANDOM);
    file = Sealing.of(plaintext, sealer, plaintext.length);
    byte[] head = Arrays.copyOf(file, sealer.headerLength() + 16);
    chunks = new ChunkOpener(head, Keys.identities(keys.identityFile()));
  }

  @Test
  void opensChunksInAnyOrderAndAgain() throws AgeException {
    for (int index : new int[] {2, 0, 1, 1, 2, 2, 0}) {
      int from = index * ChunkOpener.CHUNK_LENGTH;
      int to = Math.min(plaintext.length, from + ChunkOpener.CHUNK_LENGTH);
      assertThat(chunks.open(index, index == 2, sealed(index)))
          .isEqualTo(Arrays.copyOfRange(plaintext, from, to));
    }
  }

  @Test
  void refusesAChunkAtAnotherPlace() {
    refuses(1, false, sealed(0));
    refuses(0, true, sealed(0));
    refuses(2, false, sealed(2));
    refuses(2, true, Arrays.copyOf(sealed(2), 1015));
    refuses(2, true, new byte[16]);
    refuses(2, true, new byte[0]);
    refuses(0, true, new byte[ChunkOpener.SEALED_CHUNK_LENGTH + 1]);
  }

  @Test
  void needsTheWholeHead() {
    int headLength = Math.toIntExact(chunks.offset(0));
    assertThatThrownBy(() -> new ChunkOpener(Arrays.copyOf(file, headLength - 1), List.of()))
        .isInstanceOf(AgeException.class)
        .hasMessage("the file ends within its header");
  }

  private byte[] sealed(int index) {
    int from = Math.toIntExact(chunks.offset(index));
    return Arrays.copyOfRange(
        file, from, Math.min(file.length, from + ChunkOpener.SEALED_CHUNK_LENGTH));
  }

  private void refuses(long index, boolean last, byte[] sealed) {
    assertThatThrownBy(() -> chunks.open(index, last, sealed))
        .isInstanceOf(AgeException.class)
        .hasMessage("chunk " + index + " of the payload is damaged");
  }
}
