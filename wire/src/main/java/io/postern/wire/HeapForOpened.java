package io.postern.wire;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;

/**
 * What TLS opens goes into an array of its own, as a conversation gets it: of all buffers that are
 * asked for, those of any kind. From a pooled one Vert.x would have to copy it there. What is asked
 * for as direct or on the heap is pooled as ever: what sockets read and what TLS seals.
 */
final class HeapForOpened extends AbstractByteBufAllocator {
  private final ByteBufAllocator pooled;

  HeapForOpened(ByteBufAllocator pooled) {
    this.pooled = pooled;
  }

  @Override
  public ByteBuf buffer(int initialCapacity) {
    return new UnpooledHeapByteBuf(this, initialCapacity, Integer.MAX_VALUE);
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return pooled.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    return pooled.directBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return pooled.isDirectBufferPooled();
  }
}
