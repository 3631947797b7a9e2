package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.Conversation;
import io.postern.protocol.DotDecoder;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Octets;
import io.postern.protocol.Tls;
import io.postern.proxy.UpstreamTls;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The mail server's side: protects the connection, sends one command at a time and reads its reply,
 * the text of long ones in pieces.
 */
final class Upstream implements Conversation {
  /** Four times what RFC 1939, section 3, allows: challenges can be long. */
  private static final int MAX_LINE_BYTES = 12_288;

  /** What the other side hears of it. */
  interface Listener {
    /** The way is protected as it should be; this is what the server has greeted with. */
    void ready(Status greeting);

    /** The connection is no more, or of no use. Comes once, and never after {@link #close}. */
    void lost(String why);
  }

  private final UpstreamTls mode;
  private final Listener listener;
  private LineFramer framer = new LineFramer(MAX_LINE_BYTES);
  private Line line;
  private Status greeting;
  private Consumer<Status> expected;
  private Octets text;
  private Runnable textEnd;
  private DotDecoder decoder;
  private boolean secured;
  private boolean startingTls;
  private boolean paused;
  private boolean over;

  Upstream(UpstreamTls mode, Listener listener) {
    this.mode = mode;
    this.listener = listener;
  }

  /** Sends a command, CRLF added. The one before must have its whole reply. */
  void ask(byte[] command, Consumer<Status> then) {
    if (!over) {
      expected = then;
      line.send(new Status(command).encoded());
    }
  }

  void ask(String command, Consumer<Status> then) {
    ask(command.getBytes(US_ASCII), then);
  }

  /**
   * Reads the text that follows a status; to be called when the status is heard.
   *
   * @param pieces gets it without stuffed dots and the final one
   */
  void readText(Octets pieces, Runnable end) {
    decoder = new DotDecoder();
    text = pieces;
    textEnd = end;
  }

  /** Whether the server may go on. */
  void hold(boolean hold) {
    if (over || hold == paused) {
      return;
    }
    paused = hold;
    if (hold) {
      line.pause();
    } else {
      line.resume();
    }
  }

  boolean isProtected() {
    return mode == UpstreamTls.NONE || secured;
  }

  void close() {
    if (!over) {
      over = true;
      if (line != null) {
        line.close();
      }
    }
  }

  @Override
  public void opened(Line line, Tls tls) {
    this.line = line;
    secured = tls.on();
    if (over) {
      line.close();
    } else {
      expected = this::greeted;
    }
  }

  @Override
  public void received(ByteBuffer octets) {
    while (octets.hasRemaining() && !over && !startingTls && !paused) {
      if (text != null) {
        readText(octets);
      } else {
        readStatus(octets);
      }
    }
  }

  private void readText(ByteBuffer octets) {
    ByteArrayOutputStream run = new ByteArrayOutputStream(octets.remaining());
    boolean ended = decoder.decode(octets, run::write);
    Octets pieces = text;
    if (ended) {
      text = null;
    }
    pieces.write(run.toByteArray(), 0, run.size());
    if (ended && !over) {
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
    if (startingTls && octets.hasRemaining()) {
      lose("sent octets in clear behind its reply to STLS");
    }
  }

  private void greeted(Status status) {
    greeting = status;
    if (status.isOk() && mode == UpstreamTls.STARTTLS) {
      ask("STLS", this::invited);
    } else {
      listener.ready(status);
    }
  }

  private void invited(Status status) {
    if (status.isOk()) {
      startingTls = true;
      line.startTls(ByteBuffer.allocate(0));
    } else {
      lose("refuses STLS");
    }
  }

  @Override
  public void secured(Tls tls) {
    startingTls = false;
    secured = true;
    framer = new LineFramer(MAX_LINE_BYTES);
    if (!over) {
      listener.ready(greeting);
    }
  }

  /** Commands are short and one at a time: there is no room to wait for. */
  @Override
  public void drained() {}

  @Override
  public void timedOut() {
    lose("is silent");
  }

  /** The listener that the client came in by stops, too, and decides. */
  @Override
  public void stopping() {}

  @Override
  public void closed() {
    if (!over) {
      over = true;
      listener.lost("has closed the connection");
    }
  }

  private void lose(String why) {
    if (!over) {
      close();
      listener.lost(why);
    }
  }
}
