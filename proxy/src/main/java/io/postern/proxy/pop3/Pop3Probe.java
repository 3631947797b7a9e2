package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.protocol.Conversation;
import io.postern.proxy.UpstreamTls;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks a POP3 server what it can do, and leaves. */
public final class Pop3Probe implements Upstream.Listener {
  private static final int MAX_LIST_BYTES = 64 * 1024;

  private final Upstream upstream;
  private final CompletableFuture<List<String>> offers = new CompletableFuture<>();

  public Pop3Probe(UpstreamTls tls) {
    this.upstream = new Upstream(tls, this);
  }

  /** To be connected to the server. */
  public Conversation conversation() {
    return upstream;
  }

  /** What of the server's capabilities could pass; fails with what is wrong in one line. */
  public CompletionStage<List<String>> offers() {
    return offers;
  }

  @Override
  public void ready(Status greeting) {
    if (greeting.isOk()) {
      upstream.ask("CAPA", this::listed);
    } else {
      lost("refuses to talk");
    }
  }

  private void listed(Status status) {
    if (!status.isOk()) {
      // RFC 1939 alone knows no CAPA.
      leave(List.of());
      return;
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    upstream.readText(
        piece -> {
          if (text.size() + piece.remaining() > MAX_LIST_BYTES) {
            lost("sends a list without end");
          } else {
            text.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
          }
        },
        () -> leave(Capabilities.filter(text.toByteArray(), true, false).lines().toList()));
  }

  private void leave(List<String> found) {
    offers.complete(found);
    upstream.ask("QUIT".getBytes(ISO_8859_1), bye -> upstream.close());
  }

  @Override
  public void lost(String why) {
    offers.completeExceptionally(new IllegalStateException(why));
    upstream.close();
  }
}
