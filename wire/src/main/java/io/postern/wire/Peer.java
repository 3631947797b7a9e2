package io.postern.wire;

import java.util.concurrent.Executor;

/**
 * Who has connected.
 *
 * @param ip the textual address
 * @param loop runs something on the connection's event loop, where the conversation lives
 */
public record Peer(String ip, Executor loop) {}
