package io.postern.proxy.smtp;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** The replies that a client has to get, in the order of its commands, whoever answers first. */
final class Turns {
  /** Commands on their way at once; more wait with the client. */
  private static final int MAX = 100;

  private final Deque<Turn> turns = new ArrayDeque<>();
  private final Consumer<ByteBuffer> say;
  private final Runnable turned;

  /** Nothing more is read until every command has its reply. */
  private boolean barrier;

  private Runnable whenEmpty;

  /** A command's place in the row. */
  static final class Turn {
    private ByteBuffer reply;
  }

  /**
   * @param say sends a reply
   * @param turned runs when one or more have been sent
   */
  Turns(Consumer<ByteBuffer> say, Runnable turned) {
    this.say = say;
    this.turned = turned;
  }

  Turn next() {
    Turn turn = new Turn();
    turns.add(turn);
    return turn;
  }

  /** Of a command behind which nothing may be pipelined (RFC 2920, section 3.1). */
  Turn last() {
    barrier = true;
    return next();
  }

  /** Runs a step once every command has its reply; until then nothing more is read. */
  void whenEmpty(Runnable step) {
    if (turns.isEmpty()) {
      step.run();
    } else {
      barrier = true;
      whenEmpty = step;
    }
  }

  void answer(Turn turn, ByteBuffer reply) {
    turn.reply = reply;
    boolean sent = false;
    while (!turns.isEmpty() && turns.peek().reply != null) {
      say.accept(turns.poll().reply);
      sent = true;
    }
    if (sent) {
      if (turns.isEmpty()) {
        emptied();
      }
      turned.run();
    }
  }

  private void emptied() {
    barrier = false;
    Runnable step = whenEmpty;
    whenEmpty = null;
    if (step != null) {
      step.run();
    }
  }

  boolean isEmpty() {
    return turns.isEmpty();
  }

  /** Whether the client must wait before it sends more. */
  boolean hold() {
    return turns.size() >= MAX || barrier && !turns.isEmpty();
  }
}
