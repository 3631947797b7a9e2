package io.postern.proxy;

import io.postern.protocol.Line;
import java.nio.ByteBuffer;

/**
 * A proxy's line to its client: remembers whether the client keeps up, whether it is being read
 * from, and that nothing is said behind the last word.
 */
public final class ClientLine {
  private Line line;
  private boolean paused;
  private boolean slow;
  private boolean over;
  private boolean gone;

  public void opened(Line line) {
    this.line = line;
  }

  public void send(ByteBuffer octets) {
    if (over || !octets.hasRemaining()) {
      return;
    }
    line.send(octets);
    slow |= !line.writable();
  }

  /** The client takes octets again. */
  public void drained() {
    slow = false;
  }

  /** Keeps the line paused exactly while nothing may be read. */
  public void pauseWhile(boolean held) {
    if (over || held == paused) {
      return;
    }
    paused = held;
    if (held) {
      line.pause();
    } else {
      line.resume();
    }
  }

  /** Sends the reply that invites the client to the handshake. */
  public void startTls(ByteBuffer invitation) {
    paused = false;
    line.startTls(invitation);
  }

  /** Says the last word. */
  public void bid(ByteBuffer lastWord) {
    send(lastWord);
    hangUp();
  }

  public void hangUp() {
    if (!over) {
      over = true;
      line.close();
    }
  }

  /** The client has closed the line. */
  public void closed() {
    over = true;
    gone = true;
  }

  /** Whether the client is behind with reading. */
  public boolean isSlow() {
    return slow;
  }

  /** Whether the last word is said, by either side. */
  public boolean isOver() {
    return over;
  }

  /** Whether the client can hear nothing any more. */
  public boolean isGone() {
    return gone;
  }
}
