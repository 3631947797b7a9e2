package io.postern.proxy;

import io.postern.protocol.Conversation;
import java.util.function.Consumer;

/** Connects to a route's mail server. */
@FunctionalInterface
public interface Upstreams {
  /**
   * Connects, on the caller's event loop. Where that fails, the conversation hears {@link
   * Conversation#closed} and nothing else.
   *
   * @param complaints hears in one line why there is no connection or no TLS
   */
  void dial(Conversation conversation, Consumer<String> complaints);
}
