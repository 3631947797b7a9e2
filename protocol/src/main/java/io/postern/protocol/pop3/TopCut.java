package io.postern.protocol.pop3;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A message's header, the blank line and the first lines of its body (RFC 1939, TOP). Asks for
 * nothing that lies behind them. A line ends with CRLF and nothing else.
 */
final class TopCut implements MessageStream {
  private final MessageStream message;
  private long linesLeft;
  private boolean inHeader = true;
  private boolean complete;
  private boolean lineEmpty = true;
  private boolean afterCr;

  TopCut(MessageStream message, long lines) {
    this.message = message;
    this.linesLeft = lines;
  }

  @Override
  public CompletionStage<Optional<ByteBuffer>> next() {
    return complete
        ? CompletableFuture.completedFuture(Optional.empty())
        : message.next().thenApply(piece -> piece.map(this::cut));
  }

  private ByteBuffer cut(ByteBuffer piece) {
    for (int i = piece.position(); i < piece.limit() && !complete; i++) {
      byte octet = piece.get(i);
      if (octet == '\n' && afterCr) {
        endLine();
        if (complete) {
          piece.limit(i + 1);
        }
      } else {
        // A CR may be a line's first octet and yet belong to its end.
        lineEmpty = lineEmpty && octet == '\r' && !afterCr;
      }
      afterCr = octet == '\r';
    }
    return piece;
  }

  private void endLine() {
    if (!inHeader) {
      linesLeft--;
    } else if (lineEmpty) {
      inHeader = false;
    }
    complete = !inHeader && linesLeft <= 0;
    lineEmpty = true;
  }

  @Override
  public void close() {
    message.close();
  }
}
