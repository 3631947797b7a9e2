package io.postern.maildrop;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;

/** An object's octets; what goes wrong on the way is a {@link StoreException} here too. */
final class StoreInputStream extends FilterInputStream {
  private final String key;

  StoreInputStream(InputStream in, String key) {
    super(in);
    this.key = key;
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    try {
      return in.read(octets, offset, length);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private StoreException broken(IOException e) {
    boolean deleted = e instanceof NoSuchFileException;
    return new StoreException(
        deleted ? StoreException.Category.NOT_FOUND : StoreException.Category.TEMPORARY,
        "get " + key + ": " + (deleted ? "deleted meanwhile" : e.getMessage()),
        e);
  }
}
