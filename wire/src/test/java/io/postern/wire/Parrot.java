package io.postern.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Tls;
import java.nio.ByteBuffer;
import java.util.Queue;

/** Says every line again, but for a few that it obeys. */
final class Parrot implements Conversation {
  private final Peer peer;
  private final Queue<String> deeds;
  private LineFramer framer = new LineFramer(1000);
  private Line line;
  private long floodBytes;

  Parrot(Peer peer, Queue<String> deeds) {
    this.peer = peer;
    this.deeds = deeds;
  }

  @Override
  public void opened(Line line, Tls tls) {
    this.line = line;
    say("hello" + (tls.on() ? " " + tls.version() : ""));
  }

  @Override
  public void received(ByteBuffer octets) {
    while (framer.next(octets) == LineFramer.Found.LINE) {
      String text = new String(framer.line(), US_ASCII);
      String[] words = text.split(" ");
      switch (words[0]) {
        case "PAUSE" -> {
          line.pause();
          peer.loop().execute(() -> resume(words[1]));
          return;
        }
        case "WHO" -> say(peer.ip());
        case "SLEEP" -> line.pause();
        case "TLS" -> {
          line.startTls(ByteBuffer.wrap("go ahead\r\n".getBytes(US_ASCII)));
          return;
        }
        case "FLOOD" -> {
          floodBytes = Long.parseLong(words[1]);
          drained();
        }
        case "FAULT" -> throw new IllegalStateException("as asked");
        case "BYE" -> {
          say("bye");
          line.close();
          return;
        }
        default -> say(text);
      }
    }
  }

  private void resume(String text) {
    say(text);
    line.resume();
  }

  @Override
  public void secured(Tls tls) {
    framer = new LineFramer(1000);
    deeds.add("secured " + tls.version());
  }

  @Override
  public void drained() {
    while (floodBytes > 0 && line.writable()) {
      int now = (int) Math.min(floodBytes, 64 * 1024);
      line.send(ByteBuffer.wrap(new byte[now]));
      floodBytes -= now;
      if (floodBytes == 0) {
        say("");
      }
    }
  }

  @Override
  public void timedOut() {
    say("too slow");
    line.close();
  }

  @Override
  public void stopping() {
    say("stopping");
    line.close();
  }

  @Override
  public void closed() {
    deeds.add("closed");
  }

  private void say(String text) {
    line.send(ByteBuffer.wrap((text + "\r\n").getBytes(US_ASCII)));
  }
}
