package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.Conversation;
import io.postern.proxy.UpstreamTls;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks a mail server what it offers, and leaves. */
public final class SmtpProbe implements Upstream.Listener {
  private final Upstream upstream;
  private final String hostname;
  private final CompletableFuture<List<String>> offers = new CompletableFuture<>();

  public SmtpProbe(UpstreamTls tls, String hostname) {
    this.upstream = new Upstream(tls, hostname, this);
    this.hostname = hostname;
  }

  /** To be connected to the server. */
  public Conversation conversation() {
    return upstream;
  }

  /** What of the server's extensions could pass; fails with what is wrong in one line. */
  public CompletionStage<List<String>> offers() {
    return offers;
  }

  @Override
  public void ready() {
    upstream.ask(("EHLO " + hostname).getBytes(US_ASCII), this::greeted);
  }

  private void greeted(ServerReply reply) {
    if (reply.code() != 250) {
      lost("answers EHLO with " + reply.code());
      return;
    }
    offers.complete(Extensions.filter(reply, Long.MAX_VALUE, true));
    upstream.ask("QUIT".getBytes(US_ASCII), bye -> upstream.close());
  }

  @Override
  public void said(ServerReply reply) {
    lost("refuses with " + reply.code());
  }

  @Override
  public void upstreamDrained() {}

  @Override
  public void lost(String why) {
    offers.completeExceptionally(new IllegalStateException(why));
    upstream.close();
  }
}
