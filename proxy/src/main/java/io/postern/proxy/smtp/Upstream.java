package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.proxy.ServerConversation;
import io.postern.proxy.UpstreamTls;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The mail server's side: protects the connection, sends what it is told to and pairs each reply
 * with its command.
 */
final class Upstream extends ServerConversation {
  /** What the other side hears of it. */
  interface Listener {
    /** The way is protected as it should be, and the server has said that it is there. */
    void ready();

    /** The server says something that nobody has asked for; it comes as a refusal to go on. */
    void said(ServerReply reply);

    /** The server takes octets again. */
    void upstreamDrained();

    /** The connection is no more, or of no use. Comes once, and never after {@link #close}. */
    void lost(String why);
  }

  private final String hostname;
  private final Listener listener;
  private final Deque<Consumer<ServerReply>> expected = new ArrayDeque<>();
  private ReplyReader reader = new ReplyReader();

  /**
   * @param hostname how we greet until the client has said how it does
   */
  Upstream(UpstreamTls mode, String hostname, Listener listener) {
    super(mode);
    this.hostname = hostname;
    this.listener = listener;
  }

  /** Sends a command, CRLF added; its reply comes in its turn. */
  void ask(byte[] command, Consumer<ServerReply> then) {
    ByteBuffer octets = ByteBuffer.allocate(command.length + 2);
    octets.put(command).put((byte) '\r').put((byte) '\n').flip();
    send(octets);
    expect(then);
  }

  /** Sends octets as they are. */
  void send(ByteBuffer octets) {
    if (!isOver()) {
      line().send(octets);
    }
  }

  /** Takes one more reply to what was sent. */
  void expect(Consumer<ServerReply> then) {
    expected.add(then);
  }

  boolean writable() {
    return isOver() || line().writable();
  }

  @Override
  protected void connected() {
    expect(this::greeted);
  }

  @Override
  protected void restarted() {
    reader = new ReplyReader();
    listener.ready();
  }

  @Override
  protected void forget() {
    expected.clear();
  }

  @Override
  protected void lost(String why) {
    listener.lost(why);
  }

  @Override
  public void received(ByteBuffer octets) {
    while (octets.hasRemaining() && !isOver() && !isStartingTls()) {
      try {
        ServerReply reply = reader.next(octets);
        if (reply != null) {
          heard(reply, octets.hasRemaining());
        }
      } catch (ReplyReader.NoReply e) {
        lose("sent " + e.getMessage());
      }
    }
  }

  private void heard(ServerReply reply, boolean moreBehind) {
    Consumer<ServerReply> next = expected.poll();
    if (next == null) {
      listener.said(reply);
    } else {
      next.accept(reply);
      if (isStartingTls() && moreBehind) {
        lose("sent octets in clear behind its reply to STARTTLS");
      }
    }
  }

  private void greeted(ServerReply greeting) {
    if (greeting.code() != 220) {
      close();
      listener.said(greeting);
    } else if (mustStartTls()) {
      ask(("EHLO " + hostname).getBytes(US_ASCII), this::offered);
    } else {
      listener.ready();
    }
  }

  private void offered(ServerReply reply) {
    if (reply.code() == 250 && Extensions.offers(reply, "STARTTLS")) {
      ask("STARTTLS".getBytes(US_ASCII), this::invited);
    } else {
      lose("offers no STARTTLS");
    }
  }

  private void invited(ServerReply reply) {
    if (reply.code() == 220) {
      startTls();
    } else {
      lose("refuses STARTTLS");
    }
  }

  @Override
  public void drained() {
    if (!isOver()) {
      listener.upstreamDrained();
    }
  }
}
