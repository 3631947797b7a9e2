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

  void answer(Turn turn, ByteBuffer reply) {
    turn.reply = reply;
    boolean sent = false;
    while (!turns.isEmpty() && turns.peek().reply != null) {
      say.accept(turns.poll().reply);
      sent = true;
    }
    if (sent) {
      turned.run();
    }
  }

  boolean isEmpty() {
    return turns.isEmpty();
  }

  boolean areFull() {
    return turns.size() >= MAX;
  }
}
