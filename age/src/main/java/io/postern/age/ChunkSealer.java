package io.postern.age;

import java.nio.ByteBuffer;

/**
 * Seals the chunks of one file in any order, for whoever knows how long the file is. Not
 * thread-safe: each thread needs {@link #another}.
 */
public final class ChunkSealer {
  private final PayloadCipher cipher;

  ChunkSealer(PayloadCipher cipher) {
    this.cipher = cipher;
  }

  /** Another one for the same file. */
  public ChunkSealer another() {
    return new ChunkSealer(cipher.another());
  }

  /**
   * Seals one chunk, which must never be done twice with different content: that would give away
   * both. Direct buffers are fastest.
   *
   * @param index counted from 0
   * @param last whether it is the last one, which alone may be shorter than {@link
   *     ChunkOpener#CHUNK_LENGTH}, and empty only where it is the first one, too
   * @param sealed must have room for {@link ChunkOpener#TAG_LENGTH} more octets
   */
  public void seal(long index, boolean last, ByteBuffer plaintext, ByteBuffer sealed) {
    int length = plaintext.remaining();
    boolean fits =
        last ? length <= PayloadCipher.CHUNK_LENGTH : length == PayloadCipher.CHUNK_LENGTH;
    if (!fits || length == 0 && index > 0) {
      throw new IllegalArgumentException("no chunk has " + length + " octets there");
    }
    cipher.seal(index, last, plaintext, sealed);
  }
}
