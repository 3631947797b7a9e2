package io.postern.pop3;

import io.postern.age.AgeException;
import io.postern.age.Opener;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.protocol.pop3.MaildropException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one stored message, opening it as it comes, in pieces of one age chunk (64 KiB). Blocking;
 * one call at a time.
 */
final class MessageReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);
  private static final int MAX_READ_BYTES = 64 * 1024;

  /** How often in a row a broken transfer is taken up again where it broke. */
  private static final int MAX_RESUMES = 2;

  private final ObjectStore store;
  private final String key;
  private final SessionKeys keys;
  private final Opener opener;
  private final int bufferBytes;
  private InputStream in;
  private long readBytes;
  private int resumes;
  private volatile boolean complete;

  /**
   * A reader that has not begun.
   *
   * @param objectBytes how large the object was when it was listed, for buffers of a fitting size
   */
  MessageReader(ObjectStore store, String key, long objectBytes, SessionKeys keys) {
    this.store = store;
    this.key = key;
    this.keys = keys;
    this.opener = new Opener(keys.identities());
    this.bufferBytes = (int) Math.min(objectBytes, MAX_READ_BYTES);
  }

  /** Whether all of the message has been given out. */
  boolean complete() {
    return complete;
  }

  /** The next piece, authentic and not empty, or empty once the message is complete. */
  Optional<ByteBuffer> read() throws MaildropException {
    Piece piece = new Piece();
    byte[] buffer = new byte[bufferBytes];
    try {
      while (!complete && piece.length == 0) {
        int count = readSealed(buffer);
        if (count >= 0) {
          opener.update(buffer, 0, count, piece::add);
        } else {
          opener.finish(piece::add);
          complete = true;
          close();
        }
      }
    } catch (AgeException e) {
      close();
      throw notOpened(e);
    } catch (IOException e) {
      close();
      throw unreadable(e);
    }
    return piece.length == 0 ? Optional.empty() : Optional.of(piece.octets());
  }

  private int readSealed(byte[] buffer) throws IOException {
    while (true) {
      try {
        if (in == null) {
          in = store.get(key, readBytes);
        }
        int count = in.read(buffer, 0, buffer.length);
        readBytes += Math.max(count, 0);
        resumes = 0;
        return count;
      } catch (StoreException e) {
        boolean begun = readBytes > 0 && e.category() == StoreException.Category.TEMPORARY;
        if (!begun || resumes++ == MAX_RESUMES) {
          throw e;
        }
        LOG.debug("taking {} up again at {}: {}", key, readBytes, e.getMessage());
        closeStream();
      }
    }
  }

  private MaildropException notOpened(AgeException e) {
    if (keys.wiped()) {
      return new MaildropException(MaildropException.Category.TEMPORARY, e);
    }
    LOG.error("{} does not open: {} ({})", key, e.getMessage(), e.category());
    return new MaildropException(MaildropException.Category.DAMAGED, e);
  }

  private MaildropException unreadable(IOException e) {
    if (e instanceof StoreException failure
        && failure.category() == StoreException.Category.NOT_FOUND) {
      LOG.info("{} has been deleted meanwhile", key);
      return new MaildropException(MaildropException.Category.GONE, e);
    }
    LOG.warn("{} cannot be read: {}", key, e.getMessage());
    return new MaildropException(MaildropException.Category.TEMPORARY, e);
  }

  @Override
  public void close() {
    opener.close();
    closeStream();
  }

  private void closeStream() {
    if (in == null) {
      return;
    }
    try {
      in.close();
    } catch (IOException e) {
      LOG.debug("closing {}: {}", key, e.getMessage());
    }
    in = null;
  }

  /** Plaintext on its way to the session, which keeps it. */
  private static final class Piece {
    private byte[] octets = {};
    private int length;

    void add(byte[] source, int offset, int count) {
      if (octets.length < length + count) {
        octets = Arrays.copyOf(octets, length + count);
      }
      System.arraycopy(source, offset, octets, length, count);
      length += count;
    }

    ByteBuffer octets() {
      return ByteBuffer.wrap(octets, 0, length);
    }
  }
}
