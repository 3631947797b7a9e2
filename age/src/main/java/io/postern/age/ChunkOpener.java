package io.postern.age;

import java.util.Arrays;
import java.util.List;

/**
 * Opens single chunks of one file in any order, for whoever can seek in it. Not thread-safe.
 *
 * <p>A chunk says whether it is the last one, but only an authentic last chunk proves where the
 * file ends: who seeks from the end opens that one first (C2SP age.md, "Payload").
 */
public final class ChunkOpener {
  /** Octets of plaintext in every chunk but the last. */
  public static final int CHUNK_LENGTH = PayloadCipher.CHUNK_LENGTH;

  /** Octets that such a chunk takes in the file. */
  public static final int SEALED_CHUNK_LENGTH = PayloadCipher.SEALED_CHUNK_LENGTH;

  private final int payloadOffset;
  private final PayloadCipher cipher;

  /**
   * Unwraps the file key.
   *
   * @param head the file's beginning: the header, the 16-octet nonce and anything after that
   * @param identities tried in this order
   */
  public ChunkOpener(byte[] head, List<? extends Identity> identities) throws AgeException {
    HeaderReader reader = new HeaderReader();
    int headerLength = reader.read(head, 0, head.length);
    this.payloadOffset = headerLength + PayloadCipher.PAYLOAD_NONCE_LENGTH;
    if (reader.header() == null || head.length < payloadOffset) {
      throw new AgeException(AgeException.Category.HEADER, "the file ends within its header");
    }
    byte[] fileKey = reader.header().unwrap(identities);
    this.cipher = new PayloadCipher(fileKey, Arrays.copyOfRange(head, headerLength, payloadOffset));
    Arrays.fill(fileKey, (byte) 0);
  }

  /** Where in the file a chunk begins; chunks count from 0. */
  public long offset(long index) {
    return payloadOffset + index * SEALED_CHUNK_LENGTH;
  }

  /**
   * Opens one chunk.
   *
   * @param last whether it is the last one, which alone may be shorter than {@link
   *     #SEALED_CHUNK_LENGTH}
   * @return the plaintext, the caller's to keep
   * @throws AgeException {@link AgeException.Category#PAYLOAD} where it is not this file's chunk at
   *     that place
   */
  public byte[] open(long index, boolean last, byte[] sealed) throws AgeException {
    boolean emptyAfterOthers = index > 0 && sealed.length <= PayloadCipher.TAG_LENGTH;
    boolean wrongLength =
        last ? sealed.length > SEALED_CHUNK_LENGTH : sealed.length != SEALED_CHUNK_LENGTH;
    if (!emptyAfterOthers && !wrongLength) {
      byte[] plaintext = new byte[Math.max(0, sealed.length - PayloadCipher.TAG_LENGTH)];
      int count = cipher.open(index, last, sealed, sealed.length, plaintext);
      if (count != PayloadCipher.NOT_AUTHENTIC) {
        return plaintext;
      }
    }
    throw new AgeException(
        AgeException.Category.PAYLOAD, "chunk " + index + " of the payload is damaged");
  }
}
