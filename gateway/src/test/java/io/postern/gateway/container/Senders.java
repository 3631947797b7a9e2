package io.postern.gateway.container;

import io.postern.gateway.client.SmtpSender;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Journal sources that never give up: each message is tried, at whichever ingest there is, until
 * one says 250. Where a connection broke before the answer to the last dot, nobody can know whether
 * the message was taken: such tries are counted, since each may have left a copy.
 */
final class Senders implements AutoCloseable {
  private static final int THREADS = 8;
  private static final long PAUSE_MS = 200;

  private final Supplier<List<Integer>> ports;
  private final SSLContext trust;
  private final long restMs;
  private final long seed;
  private final IntFunction<String> mailboxOf;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final Map<Integer, Integer> unknown = new ConcurrentHashMap<>();
  private final CountDownLatch done = new CountDownLatch(THREADS);
  private volatile int messages;
  private volatile boolean closed;

  /**
   * Starts to send.
   *
   * @param ports where ingests listen now
   * @param messages how many there are to send
   * @param rest what each sender does after a message: nothing for so long
   * @param mailboxOf which address a message goes to, by its number
   */
  Senders(
      Supplier<List<Integer>> ports,
      SSLContext trust,
      long seed,
      int messages,
      Duration rest,
      IntFunction<String> mailboxOf) {
    this.ports = ports;
    this.trust = trust;
    this.seed = seed;
    this.messages = messages;
    this.restMs = rest.toMillis();
    this.mailboxOf = mailboxOf;
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(this::run, "sender-" + i);
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    SmtpSender connection = null;
    int number = next.getAndIncrement();
    while (number < messages && !closed) {
      Mail mail = Mail.of(seed, number);
      boolean begun = false;
      try {
        if (connection == null) {
          connection = connect(number);
        }
        connection.begin("source@example.net", mailboxOf.apply(number), mail.octets());
        begun = true;
        connection.end();
        accepted.incrementAndGet();
        number = next.getAndIncrement();
        pause(restMs);
      } catch (IOException e) {
        // Also behind a 451: what Kafka did not acknowledge in time may be in its log already.
        if (begun) {
          unknown.merge(number, 1, Integer::sum);
        }
        abandon(connection);
        connection = null;
        pause(PAUSE_MS);
      }
    }
    abandon(connection);
    done.countDown();
  }

  private SmtpSender connect(int number) throws IOException {
    List<Integer> now = ports.get();
    if (now.isEmpty()) {
      throw new IOException("no ingest runs");
    }
    return new SmtpSender(now.get(number % now.size()), trust);
  }

  private static void abandon(SmtpSender connection) {
    try {
      if (connection != null) {
        connection.abandon();
      }
    } catch (IOException e) {
      // It was broken anyway.
    }
  }

  /** Between messages, and between tries at servers that may be gone. */
  private void pause(long ms) {
    try {
      done.await(ms, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many have got their 250. */
  int accepted() {
    return accepted.get();
  }

  /** How many further copies of a message there may be. */
  int unknown(int number) {
    return unknown.getOrDefault(number, 0);
  }

  /** Ends with the messages that have been begun; returns how many those are. */
  int enough() {
    messages = Math.min(messages, next.get());
    return messages;
  }

  /** Whether all messages got their 250 within the time. */
  boolean await(long seconds) throws InterruptedException {
    return done.await(seconds, TimeUnit.SECONDS) && accepted.get() == messages;
  }

  @Override
  public void close() {
    closed = true;
  }
}
