package io.postern.protocol.pop3;

import java.util.BitSet;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntUnaryOperator;

/** The TRANSACTION state (RFC 1939, section 5): a maildrop and the marks on it. */
final class Transaction {
  private final Maildrop maildrop;
  private final BitSet deleted = new BitSet();
  private final long totalBytes;
  private long deletedBytes;

  /** The highest message number accessed (RFC 1460, LAST); no earlier session counts. */
  private int last;

  Transaction(Maildrop maildrop) {
    this.maildrop = maildrop;
    long sum = 0;
    for (int index = 0; index < maildrop.count(); index++) {
      sum += maildrop.sizeBytes(index);
    }
    this.totalBytes = sum;
  }

  Reply welcome() {
    return Reply.ok(summary());
  }

  Reply stat() {
    return Reply.ok(count() + " " + bytes());
  }

  Answer list(OptionalInt number) throws Refusal {
    return listing(number, (index, to) -> Listing.putNumber(to, maildrop.sizeBytes(index)));
  }

  Answer uidl(OptionalInt number) throws Refusal {
    return listing(number, (index, to) -> Listing.putText(to, maildrop.uid(index)));
  }

  CompletionStage<Answer> retr(int number) throws Refusal {
    int index = indexOf(number);
    return maildrop
        .open(index)
        .thenApply(
            message -> {
              last = Math.max(last, number);
              return Answer.of(Reply.ok(maildrop.sizeBytes(index) + " octets"), message);
            });
  }

  CompletionStage<Answer> top(Command.Top top) throws Refusal {
    return maildrop
        .open(indexOf(top.message()))
        .thenApply(
            message -> Answer.of(Reply.ok("the top of it"), new TopCut(message, top.lines())));
  }

  Reply dele(int number) throws Refusal {
    int index = indexOf(number);
    deleted.set(index);
    deletedBytes += maildrop.sizeBytes(index);
    last = Math.max(last, number);
    return Reply.ok("message " + number + " deleted");
  }

  /** Takes all marks back, and what LAST counts (RFC 1460). */
  Reply rset() {
    deleted.clear();
    deletedBytes = 0;
    last = 0;
    return Reply.ok(summary());
  }

  Reply last() {
    return Reply.ok(Integer.toString(last));
  }

  /** The UPDATE state (RFC 1939, section 6). */
  CompletionStage<Answer> update() {
    CompletionStage<Void> done =
        deleted.isEmpty() ? CompletableFuture.completedFuture(null) : maildrop.delete(deleted);
    return done.handle(
        (nothing, failure) ->
            Answer.then(
                Answer.After.CLOSE,
                failure == null
                    ? Reply.ok("bye")
                    : new Reply(Reply.Status.TEMPORARY, "some deleted messages not removed")));
  }

  void close() {
    maildrop.close();
  }

  private Answer listing(OptionalInt number, Listing.ItemWriter about) throws Refusal {
    Listing.ItemWriter line =
        (index, to) -> {
          Listing.putNumber(to, index + 1);
          to.put((byte) ' ');
          about.write(index, to);
        };
    if (number.isPresent()) {
      return Answer.of(Reply.ok(Listing.text(line, indexOf(number.getAsInt()))));
    }
    IntUnaryOperator unmarked =
        index -> {
          int next = deleted.nextClearBit(index);
          return next < maildrop.count() ? next : -1;
        };
    return Answer.of(Reply.ok(summary()), new Listing(unmarked, line));
  }

  /**
   * The index of a message that exists and is not marked: what is marked is gone for the client.
   */
  private int indexOf(int number) throws Refusal {
    if (number > maildrop.count()) {
      throw new Refusal("no such message, there are " + maildrop.count());
    }
    if (deleted.get(number - 1)) {
      throw new Refusal("message " + number + " is deleted");
    }
    return number - 1;
  }

  private String summary() {
    return count() + " messages (" + bytes() + " octets)";
  }

  private int count() {
    return maildrop.count() - deleted.cardinality();
  }

  private long bytes() {
    return totalBytes - deletedBytes;
  }
}
