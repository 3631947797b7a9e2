package io.postern.pop3;

import io.postern.protocol.pop3.MaildropException;
import io.postern.protocol.pop3.MessageStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * A message on its way from the store to a session. One piece is read ahead while the one before it
 * is sent; a message of a single piece is thus all here before it is asked for. Lives on the
 * session's event loop.
 */
final class StoredMessage implements MessageStream {
  private final MessageReader reader;
  private final StoreMaildrop.Shared shared;
  private final Executor loop;
  private final Runnable allRead;
  private CompletableFuture<Optional<ByteBuffer>> ahead;
  private boolean closed;

  /**
   * Begins to read.
   *
   * @param allRead told once the session has taken the message to its end
   */
  StoredMessage(
      MessageReader reader, StoreMaildrop.Shared shared, Executor loop, Runnable allRead) {
    this.reader = reader;
    this.shared = shared;
    this.loop = loop;
    this.allRead = allRead;
    this.ahead = OnLoop.of(shared.workers().begin(this::read), loop);
  }

  /** Completes once the first piece is here. */
  CompletionStage<MessageStream> opened() {
    return ahead.thenApply(piece -> this);
  }

  private Optional<ByteBuffer> read() throws MaildropException {
    try {
      return reader.read();
    } catch (MaildropException e) {
      if (e.category() == MaildropException.Category.DAMAGED) {
        shared.meters().damaged();
      }
      throw e;
    }
  }

  boolean failed() {
    return ahead.isCompletedExceptionally();
  }

  @Override
  public CompletionStage<Optional<ByteBuffer>> next() {
    return ahead.thenApply(this::take);
  }

  private Optional<ByteBuffer> take(Optional<ByteBuffer> piece) {
    if (piece.isEmpty()) {
      shared.meters().fetched();
      allRead.run();
    } else if (reader.complete()) {
      ahead = CompletableFuture.completedFuture(Optional.empty());
    } else if (!closed) {
      ahead = OnLoop.of(shared.workers().goOn(this::read), loop);
    }
    return piece;
  }

  /** Closing blocks, and may not happen during a read: the pool does it. */
  @Override
  public void close() {
    if (closed || reader.complete()) {
      return;
    }
    closed = true;
    ahead.whenComplete(
        (piece, failure) ->
            shared
                .workers()
                .goOn(
                    () -> {
                      reader.close();
                      return null;
                    }));
  }
}
