package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.DotDecoder;
import io.postern.protocol.LineFramer;
import io.postern.proxy.ServerConversation;
import io.postern.proxy.UpstreamTls;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The mail server's side: protects the connection, sends one command at a time and reads its reply,
 * the text of long ones in pieces.
 */
final class Upstream extends ServerConversation {
  /** Four times what RFC 1939, section 3, allows: challenges can be long. */
  private static final int MAX_LINE_BYTES = 12_288;

  /** What the other side hears of it. */
  interface Listener {
    /** The way is protected as it should be; this is what the server has greeted with. */
    void ready(Status greeting);

    /** The connection is no more, or of no use. Comes once, and never after {@link #close}. */
    void lost(String why);
  }

  private final Listener listener;
  private LineFramer framer = new LineFramer(MAX_LINE_BYTES);
  private Status greeting;
  private Consumer<Status> expected;
  private Consumer<ByteBuffer> text;
  private Runnable textEnd;
  private DotDecoder decoder;
  private boolean paused;

  Upstream(UpstreamTls mode, Listener listener) {
    super(mode);
    this.listener = listener;
  }

  /** Sends a command, CRLF added. The one before must have its whole reply. */
  void ask(byte[] command, Consumer<Status> then) {
    if (!isOver()) {
      expected = then;
      line().send(new Status(command).encoded());
    }
  }

  void ask(String command, Consumer<Status> then) {
    ask(command.getBytes(US_ASCII), then);
  }

  /**
   * Reads the text that follows a status; to be called when the status is heard.
   *
   * @param pieces gets it without stuffed dots and the final one, in buffers that have an array and
   *     are its own
   */
  void readText(Consumer<ByteBuffer> pieces, Runnable end) {
    decoder = new DotDecoder();
    text = pieces;
    textEnd = end;
  }

  /** Whether the server may go on. */
  void hold(boolean hold) {
    if (isOver() || hold == paused) {
      return;
    }
    paused = hold;
    if (hold) {
      line().pause();
    } else {
      line().resume();
    }
  }

  @Override
  protected void connected() {
    expected = this::greeted;
  }

  @Override
  protected void restarted() {
    framer = new LineFramer(MAX_LINE_BYTES);
    listener.ready(greeting);
  }

  @Override
  protected void forget() {
    expected = null;
  }

  @Override
  protected void lost(String why) {
    listener.lost(why);
  }

  @Override
  public void received(ByteBuffer octets) {
    while (octets.hasRemaining() && !isOver() && !isStartingTls() && !paused) {
      if (text != null) {
        readText(octets);
      } else {
        readStatus(octets);
      }
    }
  }

  private void readText(ByteBuffer octets) {
    // One more: a CR that was held back.
    ByteBuffer piece = ByteBuffer.allocate(octets.remaining() + 1);
    boolean ended = decoder.decode(octets, piece::put);
    Consumer<ByteBuffer> pieces = text;
    if (ended) {
      text = null;
    }
    pieces.accept(piece.flip());
    if (ended && !isOver()) {
      textEnd.run();
    }
  }

  private void readStatus(ByteBuffer octets) {
    LineFramer.Found found = framer.next(octets);
    if (found == LineFramer.Found.NOTHING) {
      return;
    }
    Status status = found == LineFramer.Found.LINE ? new Status(framer.line()) : Status.of("");
    Consumer<Status> next = expected;
    expected = null;
    if (next == null || !status.isWellFormed()) {
      lose("sent what is no reply");
      return;
    }
    next.accept(status);
    if (isStartingTls() && octets.hasRemaining()) {
      lose("sent octets in clear behind its reply to STLS");
    }
  }

  private void greeted(Status status) {
    greeting = status;
    if (status.isOk() && mustStartTls()) {
      ask("STLS", this::invited);
    } else {
      listener.ready(status);
    }
  }

  private void invited(Status status) {
    if (status.isOk()) {
      startTls();
    } else {
      lose("refuses STLS");
    }
  }

  /** Commands are short and one at a time: there is no room to wait for. */
  @Override
  public void drained() {}
}
