package io.postern.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.net.impl.VertxHandler;
import org.junit.jupiter.api.Test;

class HeapForOpenedTest {
  private static final int BYTES = 1000;

  private final ByteBufAllocator pooled = PooledByteBufAllocator.DEFAULT;
  private final ByteBufAllocator allocator = new HeapForOpened(pooled);

  @Test
  void vertx_passes_on_what_tls_opens_as_it_is() {
    ByteBuf opened = allocator.buffer(BYTES);
    assertThat(opened.hasArray()).isTrue();
    assertThat(VertxHandler.safeBuffer(opened)).isSameAs(opened);
    opened.release();
  }

  @Test
  void all_else_is_pooled() {
    assertPooled(allocator.heapBuffer(BYTES));
    assertPooled(allocator.directBuffer(BYTES));
    assertPooled(allocator.ioBuffer(BYTES));
  }

  private void assertPooled(ByteBuf buffer) {
    assertThat(buffer.alloc()).isSameAs(pooled);
    buffer.release();
  }
}
