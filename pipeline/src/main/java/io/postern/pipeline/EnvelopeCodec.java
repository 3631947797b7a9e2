package io.postern.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The envelope as a block in front of the message, inside what is sealed: one octet with the
 * version, three with the length (big-endian), then JSON.
 */
public final class EnvelopeCodec {
  /** The most a block may hold: a hundred recipients of the longest kind take half of it. */
  public static final int MAX_BYTES = 256 * 1024;

  private static final int PREFIX_BYTES = 4;
  private static final int VERSION = 1;

  private EnvelopeCodec() {}

  public static byte[] encode(Envelope envelope) {
    byte[] json;
    try {
      json = Json.MAPPER.writeValueAsBytes(envelope);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (json.length > MAX_BYTES) {
      throw new IllegalArgumentException("an envelope of " + json.length + " octets");
    }
    return ByteBuffer.allocate(PREFIX_BYTES + json.length)
        .putInt(VERSION << 24 | json.length)
        .put(json)
        .array();
  }

  /** Collects a block that comes in pieces. */
  public static final class Reader {
    private byte[] block = new byte[1024];
    private int filled;
    private Envelope envelope;

    /**
     * Takes octets up to the block's end.
     *
     * @return how many; fewer than {@code length} only where {@link #envelope} is there now
     */
    public int read(byte[] octets, int offset, int length) throws MalformedException {
      int taken = fill(octets, offset, length, PREFIX_BYTES);
      if (filled >= PREFIX_BYTES) {
        int end = PREFIX_BYTES + bodyLength();
        taken += fill(octets, offset + taken, length - taken, end);
        if (filled == end && envelope == null) {
          envelope = parse(end);
        }
      }
      return taken;
    }

    /** The envelope, or null while its block is not complete. */
    public Envelope envelope() {
      return envelope;
    }

    private int fill(byte[] octets, int offset, int length, int end) {
      int count = Math.min(length, Math.max(0, end - filled));
      if (filled + count > block.length) {
        block = Arrays.copyOf(block, Math.max(filled + count, Math.min(2 * block.length, end)));
      }
      System.arraycopy(octets, offset, block, filled, count);
      filled += count;
      return count;
    }

    private int bodyLength() throws MalformedException {
      int prefix = ByteBuffer.wrap(block).getInt();
      int length = prefix & 0xffffff;
      if (prefix >>> 24 != VERSION) {
        throw new MalformedException("envelope version " + (prefix >>> 24));
      }
      if (length > MAX_BYTES) {
        throw new MalformedException("an envelope of " + length + " octets");
      }
      return length;
    }

    private Envelope parse(int end) throws MalformedException {
      try {
        Envelope parsed =
            Json.MAPPER.readValue(block, PREFIX_BYTES, end - PREFIX_BYTES, Envelope.class);
        if (parsed == null || parsed.copies() == null || parsed.receivedAt() == null) {
          throw new MalformedException("the envelope lacks fields");
        }
        return parsed;
      } catch (IOException e) {
        // Not the cause: its text quotes the envelope, and with it people's addresses.
        throw new MalformedException("the envelope is not JSON of the expected shape");
      }
    }
  }
}
