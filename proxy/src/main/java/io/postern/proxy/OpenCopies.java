package io.postern.proxy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The copies that are prepared and not decided: all of them must show life. Thread-safe. */
final class OpenCopies {
  private final Set<PipelineCopy> copies = ConcurrentHashMap.newKeySet();

  void add(PipelineCopy copy) {
    copies.add(copy);
  }

  void remove(PipelineCopy copy) {
    copies.remove(copy);
  }

  /** To be called several times in the span after which workers take a sender for gone. */
  void keepAlive() {
    copies.forEach(PipelineCopy::keepAlive);
  }
}
