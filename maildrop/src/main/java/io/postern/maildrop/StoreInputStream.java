package io.postern.maildrop;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

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
    return new StoreException(
        StoreException.Category.TEMPORARY, "get " + key + ": " + e.getMessage(), e);
  }
}
