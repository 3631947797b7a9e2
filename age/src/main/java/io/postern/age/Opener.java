package io.postern.age;

import static io.postern.age.AgeException.Category.HEADER;
import static io.postern.age.PayloadCipher.CHUNK_LENGTH;
import static io.postern.age.PayloadCipher.PAYLOAD_NONCE_LENGTH;
import static io.postern.age.PayloadCipher.SEALED_CHUNK_LENGTH;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Opens one file as it comes, in pieces of any size and in constant memory. Nothing is released
 * before it is authenticated; each chunk is released as soon as it is, and one that comes whole is
 * not even kept until then. After an exception the opener cannot be used again. Not thread-safe.
 */
public final class Opener implements AutoCloseable {
  private enum Phase {
    HEADER,
    NONCE,
    PAYLOAD,
    OVER
  }

  private final List<? extends Identity> identities;
  private final HeaderReader headerReader = new HeaderReader();
  private final ChunkBuffer nonce = new ChunkBuffer(PAYLOAD_NONCE_LENGTH);
  private final ChunkBuffer pending = new ChunkBuffer(SEALED_CHUNK_LENGTH);
  private Phase phase = Phase.HEADER;
  private byte[] fileKey = {};
  private ChunkOpener chunks;
  private long index;

  /**
   * @param identities tried in this order; the caller's to wipe
   */
  public Opener(List<? extends Identity> identities) {
    this.identities = List.copyOf(identities);
  }

  /** Takes sealed octets; what is authentic goes to {@code plaintext}. */
  public void update(byte[] sealed, int offset, int length, Sink plaintext) throws AgeException {
    requireOpen();
    Phase next = phase;
    phase = Phase.OVER; // Until all has gone well.
    int at = offset;
    int end = offset + length;
    if (next == Phase.HEADER) {
      at += headerReader.read(sealed, at, end - at);
      if (headerReader.header() != null) {
        fileKey = headerReader.header().unwrap(identities);
        next = Phase.NONCE;
      }
    }
    if (next == Phase.NONCE) {
      at += nonce.fill(sealed, at, end - at);
      if (nonce.isFull()) {
        chunks = new ChunkOpener(0, new PayloadCipher(fileKey, nonce.octets()));
        Arrays.fill(fileKey, (byte) 0);
        next = Phase.PAYLOAD;
      }
    }
    if (next == Phase.PAYLOAD) {
      openChunks(sealed, at, end, plaintext);
    }
    phase = next;
  }

  private void openChunks(byte[] sealed, int from, int end, Sink plaintext) throws AgeException {
    int at = from;
    while (at < end) {
      if (pending.isFull()) {
        // More follows, and yet it was no chunk that is followed by others: this throws.
        open(false, plaintext);
      }
      if (pending.isEmpty()
          && end - at >= SEALED_CHUNK_LENGTH
          && openFollowed(ByteBuffer.wrap(sealed, at, SEALED_CHUNK_LENGTH), plaintext)) {
        at += SEALED_CHUNK_LENGTH;
      } else {
        at += pending.fill(sealed, at, end - at);
        if (pending.isFull() && openFollowed(pendingOctets(), pending.octets(), plaintext)) {
          pending.clear();
        }
      }
    }
  }

  private boolean openFollowed(ByteBuffer sealed, Sink plaintext) {
    try (SpareChunk spare = SpareChunk.take()) {
      return openFollowed(sealed, spare.octets(), plaintext);
    }
  }

  /**
   * Opens a whole chunk that others follow, and says false where it may be the last one.
   *
   * @param opened where to; may be what {@code sealed} stands in
   */
  private boolean openFollowed(ByteBuffer sealed, byte[] opened, Sink plaintext) {
    boolean done = chunks.openFollowed(index, sealed, ByteBuffer.wrap(opened));
    if (done) {
      index++;
      plaintext.write(opened, 0, CHUNK_LENGTH);
    }
    return done;
  }

  /**
   * Says that the file ends here: releases the last chunk, or throws PAYLOAD where the end is
   * missing.
   */
  public void finish(Sink plaintext) throws AgeException {
    requireOpen();
    Phase before = phase;
    phase = Phase.OVER;
    if (before != Phase.PAYLOAD) {
      throw new AgeException(HEADER, "the file ends within its header");
    }
    open(true, plaintext);
  }

  private void open(boolean last, Sink plaintext) throws AgeException {
    ByteBuffer opened = ByteBuffer.wrap(pending.octets());
    try {
      chunks.open(index++, last, pendingOctets(), opened);
    } finally {
      if (opened.position() > 0) {
        plaintext.write(opened.array(), 0, opened.position());
      }
    }
  }

  private ByteBuffer pendingOctets() {
    return ByteBuffer.wrap(pending.octets(), 0, pending.length());
  }

  private void requireOpen() {
    if (phase == Phase.OVER) {
      throw new IllegalStateException("the file is over");
    }
  }

  /** Wipes the keys and what was opened last. */
  @Override
  public void close() {
    phase = Phase.OVER;
    chunks = null;
    Arrays.fill(fileKey, (byte) 0);
    pending.wipe();
  }
}
