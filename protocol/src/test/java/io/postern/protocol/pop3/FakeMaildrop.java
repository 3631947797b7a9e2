package io.postern.protocol.pop3;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Messages in memory that come in small pieces, and late: through a queue. */
final class FakeMaildrop implements Maildrop {
  /** What goes wrong with a message when it is opened; empty where nothing does. */
  IntFunction<Optional<MaildropException.Category>> faults = index -> Optional.empty();

  /** Which message breaks after its first piece. */
  IntPredicate breaksLater = index -> false;

  boolean deletes = true;
  boolean closed;
  int piecesGiven;
  int streamsOpen;

  private final List<byte[]> messages;
  private final int pieceBytes;
  private final Queue<Runnable> later;
  private final Queue<String> deeds;

  FakeMaildrop(List<byte[]> messages, int pieceBytes, Queue<Runnable> later, Queue<String> deeds) {
    this.messages = messages;
    this.pieceBytes = pieceBytes;
    this.later = later;
    this.deeds = deeds;
  }

  @Override
  public int count() {
    return messages.size();
  }

  @Override
  public String uid(int index) {
    return "01jd0000000000000000000%03d".formatted(index + 1);
  }

  @Override
  public long sizeBytes(int index) {
    return messages.get(index).length;
  }

  @Override
  public CompletionStage<MessageStream> open(int index) {
    return later(
        later,
        () -> {
          Optional<MaildropException.Category> fault = faults.apply(index);
          if (fault.isPresent()) {
            throw new MaildropException(fault.get(), null);
          }
          streamsOpen++;
          return new Pieces(ByteBuffer.wrap(messages.get(index).clone()), breaksLater.test(index));
        });
  }

  @Override
  public CompletionStage<Void> delete(BitSet indexes) {
    return later(
        later,
        () -> {
          if (!deletes) {
            throw new MaildropException(MaildropException.Category.TEMPORARY, null);
          }
          deeds.add(
              indexes.stream()
                  .mapToObj(index -> " " + (index + 1))
                  .collect(Collectors.joining("", "deleted", "")));
          return null;
        });
  }

  @Override
  public void close() {
    closed = true;
  }

  /** A stage that completes when the queue comes to it. */
  static <T> CompletionStage<T> later(Queue<Runnable> later, Attempt<T> attempt) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    later.add(
        () -> {
          try {
            stage.complete(attempt.make());
          } catch (MaildropException | RuntimeException e) {
            stage.completeExceptionally(e);
          }
        });
    return stage;
  }

  interface Attempt<T> {
    T make() throws MaildropException;
  }

  private final class Pieces implements MessageStream {
    private final ByteBuffer message;
    private final boolean breaks;
    private boolean open = true;

    private Pieces(ByteBuffer message, boolean breaks) {
      this.message = message;
      this.breaks = breaks;
    }

    @Override
    public CompletionStage<Optional<ByteBuffer>> next() {
      return later(later, this::piece);
    }

    private Optional<ByteBuffer> piece() throws MaildropException {
      if (breaks && message.position() > 0) {
        throw new MaildropException(MaildropException.Category.DAMAGED, null);
      }
      if (!message.hasRemaining()) {
        return Optional.empty();
      }
      int length = Math.min(pieceBytes, message.remaining());
      ByteBuffer piece = message.slice(message.position(), length);
      message.position(message.position() + length);
      piecesGiven++;
      return Optional.of(piece);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        streamsOpen--;
      }
    }
  }
}
