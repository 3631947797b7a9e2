package io.postern.proxy.pop3;

import io.postern.protocol.DotEncoder;
import io.postern.protocol.Octets;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** A text that passes: dots are stuffed again as they were. */
final class PassedText implements Octets {
  private final DotEncoder encoder = new DotEncoder();
  private final Consumer<ByteBuffer> client;

  PassedText(Consumer<ByteBuffer> client) {
    this.client = client;
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    client.accept(
        encoder.encode(ByteBuffer.wrap(Arrays.copyOfRange(octets, offset, offset + length))));
  }

  /** The final dot. */
  void finish() {
    client.accept(encoder.finish());
  }
}
