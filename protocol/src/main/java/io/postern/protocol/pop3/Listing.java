package io.postern.protocol.pop3;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** A multi-line answer that is made while it is sent: a line per item. */
final class Listing implements MessageStream {
  private static final int PIECE_BYTES = 8 * 1024;

  /** With CRLF (RFC 2449, section 4). */
  private static final int MAX_LINE_BYTES = 512;

  private static final byte[] LINE_END = {'\r', '\n'};

  private final IntUnaryOperator following;
  private final IntFunction<String> lineOf;
  private int item;

  /**
   * A listing.
   *
   * @param following the first item that is not below the given number, negative after the last
   * @param lineOf an item's line, ASCII, without CRLF
   */
  Listing(IntUnaryOperator following, IntFunction<String> lineOf) {
    this.following = following;
    this.lineOf = lineOf;
    this.item = following.applyAsInt(0);
  }

  static Listing of(List<String> lines) {
    return new Listing(item -> item < lines.size() ? item : -1, lines::get);
  }

  @Override
  public CompletionStage<Optional<ByteBuffer>> next() {
    ByteBuffer lines = ByteBuffer.allocate(PIECE_BYTES);
    while (item >= 0 && lines.remaining() >= MAX_LINE_BYTES) {
      lines.put(lineOf.apply(item).getBytes(StandardCharsets.US_ASCII)).put(LINE_END);
      item = following.applyAsInt(item + 1);
    }
    return CompletableFuture.completedFuture(
        Optional.of(lines.flip()).filter(ByteBuffer::hasRemaining));
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
