package io.postern.protocol.pop3;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntUnaryOperator;

/** A multi-line answer that is made while it is sent: a line per item. */
final class Listing implements MessageStream {
  private static final int PIECE_BYTES = 8 * 1024;

  /** With CRLF (RFC 2449, section 4). */
  private static final int MAX_LINE_BYTES = 512;

  private static final byte[] LINE_END = {'\r', '\n'};

  private final IntUnaryOperator following;
  private final ItemWriter writer;
  private int item;

  /** Writes straight into what is sent: a hundred thousand items are listed in one go. */
  @FunctionalInterface
  interface ItemWriter {
    /** Writes what is said of an item, ASCII, no CRLF, where there is room for a line. */
    void write(int item, ByteBuffer to);
  }

  /**
   * A listing.
   *
   * @param following the first item that is not below the given number, negative after the last
   * @param writer of an item's whole line
   */
  Listing(IntUnaryOperator following, ItemWriter writer) {
    this.following = following;
    this.writer = writer;
    this.item = following.applyAsInt(0);
  }

  static Listing of(List<String> lines) {
    return new Listing(
        item -> item < lines.size() ? item : -1, (item, to) -> putText(to, lines.get(item)));
  }

  /** Writes a number's decimal digits; it is not negative. */
  static void putNumber(ByteBuffer to, long number) {
    if (number >= 10) {
      putNumber(to, number / 10);
    }
    to.put((byte) ('0' + number % 10));
  }

  static void putText(ByteBuffer to, String text) {
    to.put(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** One item's line alone. */
  static String text(ItemWriter writer, int item) {
    ByteBuffer line = ByteBuffer.allocate(MAX_LINE_BYTES);
    writer.write(item, line);
    return StandardCharsets.US_ASCII.decode(line.flip()).toString();
  }

  @Override
  public CompletionStage<Optional<ByteBuffer>> next() {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    while (item >= 0 && piece.remaining() >= MAX_LINE_BYTES) {
      writer.write(item, piece);
      piece.put(LINE_END);
      item = following.applyAsInt(item + 1);
    }
    return CompletableFuture.completedFuture(
        Optional.of(piece.flip()).filter(ByteBuffer::hasRemaining));
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
