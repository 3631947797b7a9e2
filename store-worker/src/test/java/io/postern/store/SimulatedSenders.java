package io.postern.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.Submission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Clients that send, driven by dice: with us, or through a proxy with another server. Remembers
 * what each message was and what its client, or the server, was told.
 */
final class SimulatedSenders {
  private final SealedRawTopic raw;
  private final Post post;
  private final String beginning;
  private final Random dice;
  private final List<Sender> senders = new ArrayList<>();

  /** What was sent, and to whom, by message id. */
  private final Map<String, byte[]> sent = new HashMap<>();

  private final Map<String, List<String>> copies = new LinkedHashMap<>();
  private final Set<String> acknowledged = new HashSet<>();

  /** What the mail server behind a proxy has taken, and what it has refused. */
  private final Set<String> delivered = new HashSet<>();

  private final Set<String> refused = new HashSet<>();

  /**
   * @param beginning what each message begins with
   */
  SimulatedSenders(SealedRawTopic raw, Post post, String beginning, Random dice) {
    this.raw = raw;
    this.post = post;
    this.beginning = beginning;
    this.dice = dice;
  }

  /** One in the middle of a transaction. */
  private record Sender(
      Submission submission,
      byte[] message,
      int[] position,
      boolean proxied,
      CompletableFuture<Void> prepared) {}

  /** One more begins. */
  void begin() {
    List<String> mailboxes = new ArrayList<>(post.ids());
    mailboxes.removeIf(id -> mailboxes.size() > 1 && dice.nextBoolean());
    byte[] message = message();
    Submission submission = raw.begin(post.envelope(mailboxes));
    sent.put(submission.messageId(), message);
    copies.put(submission.messageId(), List.copyOf(mailboxes));
    senders.add(
        new Sender(submission, message, new int[1], dice.nextBoolean(), new CompletableFuture<>()));
  }

  /** Mostly small; some of several chunks, so that copies too have several slices. */
  private byte[] message() {
    int size = dice.nextInt(6) == 0 ? dice.nextInt(250_000) : dice.nextInt(500);
    StringBuilder text = new StringBuilder(beginning).append(' ').append(dice.nextLong());
    while (text.length() < size) {
      text.append("\r\n").append(text.substring(0, Math.min(text.length(), 70_000)));
    }
    return text.toString().getBytes(ISO_8859_1);
  }

  /** Some one goes on. */
  void send() {
    if (senders.isEmpty()) {
      return;
    }
    Sender sender = senders.get(dice.nextInt(senders.size()));
    int left = sender.message().length - sender.position()[0];
    if (left == 0 && sender.proxied()) {
      askUpstream(sender);
    } else if (left == 0) {
      senders.remove(sender);
      String messageId = sender.submission().messageId();
      sender.submission().commit().thenRun(() -> acknowledged.add(messageId));
    } else if (dice.nextInt(100) == 0) {
      // Vanishes, with or without a word.
      senders.remove(sender);
      if (dice.nextBoolean()) {
        sender.submission().abort();
      }
    } else if (sender.submission().writable()) {
      int count = Math.min(left, 1 + dice.nextInt(100_000));
      sender.submission().write(sender.message(), sender.position()[0], count);
      sender.position()[0] += count;
    }
  }

  /** The final dot leaves for the real server only when the copy is prepared. */
  private void askUpstream(Sender sender) {
    Submission submission = sender.submission();
    if (!sender.prepared().isDone()) {
      submission
          .prepare()
          .whenComplete(
              (nothing, e) -> {
                if (e == null) {
                  sender.prepared().complete(null);
                } else {
                  sender.prepared().completeExceptionally(e);
                }
              });
      return;
    }
    if (dice.nextInt(4) == 0) {
      // The server takes its time.
      submission.keepAlive();
      return;
    }
    senders.remove(sender);
    if (sender.prepared().isCompletedExceptionally()) {
      return;
    }
    boolean taken = dice.nextBoolean();
    (taken ? delivered : refused).add(submission.messageId());
    if (dice.nextInt(3) > 0) {
      if (taken) {
        submission.commit();
      } else {
        submission.abort();
      }
    }
  }

  /** All are gone without a word. */
  void vanish() {
    senders.clear();
  }

  /** All give up, and say so. */
  void abort() {
    senders.forEach(sender -> sender.submission().abort());
    senders.clear();
  }

  byte[] message(String messageId) {
    return sent.get(messageId);
  }

  /** The mailboxes that a message is for. */
  List<String> copies(String messageId) {
    return copies.get(messageId);
  }

  /** What got its 250. */
  Set<String> acknowledged() {
    return acknowledged;
  }

  /** What the mail server behind a proxy has taken. */
  Set<String> delivered() {
    return delivered;
  }

  /** What it has not. */
  Set<String> refused() {
    return refused;
  }
}
