package io.postern.age;

import static io.postern.age.AgeException.Category.PAYLOAD;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Opens single chunks of one file in any order, for whoever can seek in it. Not thread-safe: each
 * thread needs {@link #another}.
 *
 * <p>Only an authentic last chunk proves where the file ends (C2SP age.md, "Payload").
 */
public final class ChunkOpener {
  /** Octets of plaintext in every chunk but the last. */
  public static final int CHUNK_LENGTH = PayloadCipher.CHUNK_LENGTH;

  /** How many octets longer a chunk is in the file. */
  public static final int TAG_LENGTH = PayloadCipher.TAG_LENGTH;

  /** Octets in the file of every chunk but the last. */
  public static final int SEALED_CHUNK_LENGTH = PayloadCipher.SEALED_CHUNK_LENGTH;

  /** The longest header with its nonce, in octets. */
  public static final int MAX_HEAD_LENGTH =
      HeaderReader.MAX_LENGTH + PayloadCipher.PAYLOAD_NONCE_LENGTH;

  private final int headLength;
  private final PayloadCipher cipher;

  /**
   * Unwraps the file key.
   *
   * @param head the file's beginning: the header, the 16-octet nonce and anything after that
   * @param identities tried in this order
   */
  public static ChunkOpener of(byte[] head, List<? extends Identity> identities)
      throws AgeException {
    HeaderReader reader = new HeaderReader();
    int headerLength = reader.read(head, 0, head.length);
    int headLength = headerLength + PayloadCipher.PAYLOAD_NONCE_LENGTH;
    if (reader.header() == null || head.length < headLength) {
      throw new AgeException(AgeException.Category.HEADER, "the file ends within its header");
    }
    byte[] fileKey = reader.header().unwrap(identities);
    byte[] nonce = Arrays.copyOfRange(head, headerLength, headLength);
    PayloadCipher cipher = new PayloadCipher(fileKey, nonce);
    Arrays.fill(fileKey, (byte) 0);
    return new ChunkOpener(headLength, cipher);
  }

  ChunkOpener(int headLength, PayloadCipher cipher) {
    this.headLength = headLength;
    this.cipher = cipher;
  }

  /** Another one for the same file. */
  public ChunkOpener another() {
    return new ChunkOpener(headLength, cipher.another());
  }

  /** Where in the file the first chunk begins; the others follow without a gap. */
  public int headLength() {
    return headLength;
  }

  /**
   * Opens one chunk. All that {@code plaintext} has got is authentic, also where this fails.
   *
   * @param index counted from 0
   * @param last whether nothing follows in the file
   * @param sealed the whole chunk, {@link #CHUNK_LENGTH} + {@link #TAG_LENGTH} octets unless it is
   *     the last one; direct buffers are fastest
   * @throws AgeException {@link AgeException.Category#PAYLOAD} where it is not this file's chunk at
   *     that place
   */
  public void open(long index, boolean last, ByteBuffer sealed, ByteBuffer plaintext)
      throws AgeException {
    int length = sealed.remaining();
    if (length == 0) {
      throw truncated();
    }
    if (length == TAG_LENGTH && index > 0) {
      throw new AgeException(PAYLOAD, "the last chunk is empty");
    }
    boolean full = length == SEALED_CHUNK_LENGTH;
    if (length > SEALED_CHUNK_LENGTH
        || !last && !full
        || !cipher.open(index, last, sealed, plaintext)) {
      if (full && cipher.open(index, !last, sealed, plaintext)) {
        throw last ? truncated() : new AgeException(PAYLOAD, "data follows the last chunk");
      }
      throw new AgeException(PAYLOAD, "chunk " + index + " of the payload is damaged or cut short");
    }
  }

  /**
   * Opens one whole chunk that is not the last one. Where it is none, or not authentic, {@code
   * plaintext} keeps its position and {@code sealed} stays as it was.
   */
  boolean openFollowed(long index, ByteBuffer sealed, ByteBuffer plaintext) {
    return cipher.open(index, false, sealed, plaintext);
  }

  private static AgeException truncated() {
    return new AgeException(PAYLOAD, "the file ends before its last chunk");
  }
}
