package io.postern.proxy.pop3;

import io.postern.protocol.DotEncoder;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A text that passes: dots are stuffed again as they were. */
final class PassedText implements Consumer<ByteBuffer> {
  private final DotEncoder encoder = new DotEncoder();
  private final Consumer<ByteBuffer> client;

  PassedText(Consumer<ByteBuffer> client) {
    this.client = client;
  }

  /** Takes the piece for good. */
  @Override
  public void accept(ByteBuffer text) {
    client.accept(encoder.encode(text));
  }

  /** The final dot. */
  void finish() {
    client.accept(encoder.finish());
  }
}
