package io.postern.gateway.recovery;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** Where exported messages go. Not thread-safe. */
interface ExportTarget extends Closeable {
  /** A message on its way there. */
  interface Letter {
    void write(byte[] octets, int offset, int length) throws IOException;

    /** The message is whole. */
    void complete() throws IOException;

    /** The message is not to be there. Harmless after {@link #complete}. */
    void discard() throws IOException;
  }

  /** Begins a message; empty where it is there already. */
  Optional<Letter> begin(String messageId) throws IOException;

  /** All messages are there. */
  void finish() throws IOException;

  /** Lets go; what is not finished is left where the next export finds it. */
  @Override
  void close() throws IOException;
}
