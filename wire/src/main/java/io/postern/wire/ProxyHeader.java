package io.postern.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a balancer says in front of a connection: who the client is (the PROXY protocol, versions 1
 * and 2). Octets that came with the header wait here until whoever takes the connection over is in
 * its place. Lives on the channel's event loop.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

  /** Balancers send it first of all. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String balancer;
  private final BiConsumer<ProxyHeader, String> whenTold;
  private final Deque<Object> early = new ArrayDeque<>();
  private Future<?> timeout;
  private boolean told;

  private ProxyHeader(String balancer, BiConsumer<ProxyHeader, String> whenTold) {
    this.balancer = balancer;
    this.whenTold = whenTold;
  }

  /**
   * Reads the header; a connection without one is closed.
   *
   * @param balancer the address of the other end
   * @param whenTold gets the client's address, the balancer's own where it speaks for itself; must
   *     call {@link #handOver} later
   */
  static void await(Channel channel, String balancer, BiConsumer<ProxyHeader, String> whenTold) {
    ProxyHeader header = new ProxyHeader(balancer, whenTold);
    channel.pipeline().addFirst(new HAProxyMessageDecoder(), header);
    header.timeout =
        channel
            .eventLoop()
            .schedule(
                () -> header.refuse(channel, "nothing came"),
                PATIENCE.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      early.add(message);
      return;
    }
    told = true;
    timeout.cancel(false);
    try {
      whenTold.accept(this, client(header));
    } finally {
      header.release();
    }
  }

  /** A balancer that looks whether we are well speaks for itself. */
  private String client(HAProxyMessage header) {
    String address = header.sourceAddress();
    boolean ofClient =
        header.command() == HAProxyCommand.PROXY
            && address != null
            && NetUtil.createByteArrayFromIpAddressString(address) != null;
    return ofClient ? address : balancer;
  }

  /** Lets what came behind the header go on to who is in the pipeline now. */
  void handOver(Channel channel) {
    if (channel.isActive()) {
      channel.pipeline().remove(this);
      while (!early.isEmpty()) {
        channel.pipeline().fireChannelRead(early.poll());
      }
      channel.pipeline().fireChannelReadComplete();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    refuse(context.channel(), cause.getMessage());
  }

  private void refuse(Channel channel, String reason) {
    if (!told) {
      told = true;
      LOG.info("{} sent no PROXY header, connection closed: {}", balancer, reason);
      channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    timeout.cancel(false);
    context.fireChannelInactive();
  }

  /** A pipeline that is taken apart with its channel. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (!context.channel().isActive()) {
      early.forEach(ReferenceCountUtil::release);
      early.clear();
    }
  }
}
