package io.postern.wire;

import java.util.HashMap;
import java.util.Map;

/** How many connections there may be at once, in all and from one address. Thread-safe. */
public final class ConnectionLimits {
  private final int max;
  private final int maxPerIp;
  private final Map<String, Integer> openByIp = new HashMap<>();
  private int open;

  public ConnectionLimits(int max, int maxPerIp) {
    if (max < 1 || maxPerIp < 1) {
      throw new IllegalArgumentException("no connection would be allowed");
    }
    this.max = max;
    this.maxPerIp = maxPerIp;
  }

  /** Counts a connection, or says that it is one too many. */
  synchronized boolean admit(String ip) {
    int openFromIp = openByIp.getOrDefault(ip, 0);
    if (open >= max || openFromIp >= maxPerIp) {
      return false;
    }
    open++;
    openByIp.put(ip, openFromIp + 1);
    return true;
  }

  /** Forgets an admitted connection. */
  synchronized void release(String ip) {
    open--;
    openByIp.computeIfPresent(ip, (key, count) -> count == 1 ? null : count - 1);
  }

  /** Connections that are open now. */
  synchronized int open() {
    return open;
  }
}
