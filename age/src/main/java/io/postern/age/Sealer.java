package io.postern.age;

import static io.postern.age.PayloadCipher.CHUNK_LENGTH;
import static io.postern.age.PayloadCipher.PAYLOAD_NONCE_LENGTH;
import static io.postern.age.PayloadCipher.SEALED_CHUNK_LENGTH;
import static io.postern.age.PayloadCipher.TAG_LENGTH;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/**
 * Seals one file as its plaintext comes, in pieces of any size and in constant memory. The header
 * leaves with the first call. Buffers grow with the content up to one chunk (64 KiB), so small
 * files cost little. Not thread-safe.
 */
public final class Sealer {
  private final byte[] header;
  private final byte[] payloadNonce;
  private final PayloadCipher cipher;
  private final ChunkBuffer pending = new ChunkBuffer(CHUNK_LENGTH, TAG_LENGTH);
  private long index;
  private boolean started;
  private boolean finished;

  /**
   * Makes a file key, wraps it for each recipient and writes the header.
   *
   * @throws IllegalArgumentException where there is no recipient, where a passphrase is not the
   *     only one, or where hybrid recipients are mixed with others, which would undo their
   *     protection
   */
  public Sealer(List<? extends Recipient> recipients, SecureRandom random) {
    this(Octets.random(random, Stanza.FILE_KEY_LENGTH), recipients, random);
  }

  private Sealer(byte[] fileKey, List<? extends Recipient> recipients, SecureRandom random) {
    this(
        Header.of(wrap(fileKey, recipients, random), fileKey),
        fileKey,
        Octets.random(random, PAYLOAD_NONCE_LENGTH));
  }

  /** For a given header and nonce, which must never be used again; wipes the file key. */
  Sealer(Header header, byte[] fileKey, byte[] payloadNonce) {
    this.header = header.encode();
    this.payloadNonce = payloadNonce;
    this.cipher = new PayloadCipher(fileKey, payloadNonce);
    Arrays.fill(fileKey, (byte) 0);
  }

  private static List<Stanza> wrap(
      byte[] fileKey, List<? extends Recipient> recipients, SecureRandom random) {
    List<Stanza> stanzas = recipients.stream().map(r -> r.wrap(fileKey, random)).toList();
    require(!stanzas.isEmpty(), "no recipients");
    require(
        stanzas.size() == 1 || count(stanzas, Passphrase.TYPE) == 0,
        "a passphrase must be the only recipient");
    long hybrids = count(stanzas, HybridRecipient.TYPE);
    require(
        hybrids == 0 || hybrids == stanzas.size(),
        "post-quantum recipients cannot be mixed with others");
    return stanzas;
  }

  private static long count(List<Stanza> stanzas, String type) {
    return stanzas.stream().filter(stanza -> stanza.type().equals(type)).count();
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Octets of a file with this header and so much plaintext. */
  public static long sealedLength(int headerLength, long plaintextLength) {
    long chunks = Math.max(1, ceilDiv(plaintextLength, CHUNK_LENGTH));
    return headerLength + PAYLOAD_NONCE_LENGTH + plaintextLength + TAG_LENGTH * chunks;
  }

  /**
   * Octets of plaintext in a file of this length: the inverse of {@link #sealedLength}.
   *
   * @throws IllegalArgumentException where no file has this length
   */
  public static long plaintextLength(int headerLength, long sealedLength) {
    long payload = sealedLength - headerLength - PAYLOAD_NONCE_LENGTH;
    long plaintext = payload - TAG_LENGTH * ceilDiv(payload, SEALED_CHUNK_LENGTH);
    if (plaintext < 0 || sealedLength(headerLength, plaintext) != sealedLength) {
      throw new IllegalArgumentException("no age file has " + sealedLength + " octets");
    }
    return plaintext;
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /** Octets of the header text, the MAC line included and the 16-octet payload nonce not. */
  public int headerLength() {
    return header.length;
  }

  /** Seals {@code length} octets; what is complete goes to {@code sealed}. */
  public void update(byte[] plaintext, int offset, int length, Sink sealed) {
    start(sealed);
    int at = offset;
    int end = offset + length;
    while (at < end) {
      // Only what is followed by more is certainly not the last chunk.
      if (pending.isFull()) {
        seal(false, pending.octets(), 0, CHUNK_LENGTH, sealed);
        pending.clear();
      } else if (pending.isEmpty() && end - at > CHUNK_LENGTH) {
        seal(false, plaintext, at, CHUNK_LENGTH, sealed);
        at += CHUNK_LENGTH;
      } else {
        at += pending.fill(plaintext, at, end - at);
      }
    }
  }

  /** Seals what is left as the last chunk. The sealer cannot be used again. */
  public void finish(Sink sealed) {
    start(sealed);
    seal(true, pending.octets(), 0, pending.length(), sealed);
    pending.wipe();
    finished = true;
  }

  /**
   * Writes the header, and leaves the chunks to the caller, instead of everything else that this
   * sealer does.
   */
  public ChunkSealer byChunk(Sink sealed) {
    if (started) {
      throw new IllegalStateException("the file is begun");
    }
    start(sealed);
    finished = true;
    return new ChunkSealer(cipher);
  }

  private void start(Sink sealed) {
    if (finished) {
      throw new IllegalStateException("the file is finished");
    }
    if (!started) {
      started = true;
      byte[] head = Octets.concat(header, payloadNonce);
      sealed.write(head, 0, head.length);
    }
  }

  private void seal(boolean last, byte[] plaintext, int offset, int length, Sink sealed) {
    // Where it stands or would stand: a second array would be new each time, or kept by thousands
    // of idle sealers.
    ByteBuffer chunk = ByteBuffer.wrap(pending.room(length));
    cipher.seal(index++, last, ByteBuffer.wrap(plaintext, offset, length), chunk);
    sealed.write(chunk.array(), 0, chunk.position());
  }
}
