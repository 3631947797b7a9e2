package io.postern.proxy;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.Tls;
import java.nio.ByteBuffer;

/**
 * The mail server's side of a proxied connection, whatever its protocol: how the way to it becomes
 * protected, and that its loss is told once.
 */
public abstract class ServerConversation implements Conversation {
  private final UpstreamTls mode;
  private Line line;
  private boolean startingTls;
  private boolean secured;
  private boolean over;

  protected ServerConversation(UpstreamTls mode) {
    this.mode = mode;
  }

  /** The connection stands; the server's greeting comes next. */
  protected abstract void connected();

  /** The handshake that was asked for in clear has ended well: what was read is forgotten. */
  protected abstract void restarted();

  /** Nothing that was asked for will come. */
  protected abstract void forget();

  /**
   * The connection is no more, or of no use. Comes once, and never after {@link #close}.
   *
   * @param why empty where there has never been one: who dialled has said why
   */
  protected abstract void lost(String why);

  protected final Line line() {
    return line;
  }

  /** Whether STARTTLS or STLS is to come before anything else. */
  protected final boolean mustStartTls() {
    return mode == UpstreamTls.STARTTLS;
  }

  protected final void startTls() {
    startingTls = true;
    line.startTls(ByteBuffer.allocate(0));
  }

  /** Between the server's go-ahead and the handshake nothing may come. */
  protected final boolean isStartingTls() {
    return startingTls;
  }

  public final boolean isProtected() {
    return mode == UpstreamTls.NONE || secured;
  }

  public final boolean isOver() {
    return over;
  }

  /** Lets go of the server; whatever was asked has no answer. */
  public final void close() {
    if (!over) {
      over = true;
      forget();
      if (line != null) {
        line.close();
      }
    }
  }

  /** Lets go of the server, for this reason. */
  protected final void lose(String why) {
    if (!over) {
      close();
      lost(why);
    }
  }

  @Override
  public final void opened(Line line, Tls tls) {
    this.line = line;
    secured = tls.on();
    if (over) {
      // Nobody waits for it any more.
      line.close();
    } else {
      connected();
    }
  }

  @Override
  public final void secured(Tls tls) {
    startingTls = false;
    secured = true;
    if (!over) {
      restarted();
    }
  }

  @Override
  public final void timedOut() {
    lose("is silent");
  }

  /** The listener that the client came in by stops, too, and decides. */
  @Override
  public final void stopping() {}

  @Override
  public final void closed() {
    if (!over) {
      over = true;
      forget();
      lost(line == null ? "" : "has closed the connection");
    }
  }
}
