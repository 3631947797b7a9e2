package io.postern.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TlsRecordsTest {
  private static final int RECORD_BYTES = 16 * 1024;
  private static final int SEED = 1;

  private final ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
  private final byte[] octets = new byte[4 * RECORD_BYTES];

  TlsRecordsTest() {
    new Random(SEED).nextBytes(octets);
  }

  @Test
  void a_large_read_is_kept_where_it_stands() {
    ByteBuf first = piece(0, TlsRecords.LARGE_BYTES);
    ByteBuf second = piece(TlsRecords.LARGE_BYTES, octets.length);
    ByteBuf kept = cumulate(cumulate(Unpooled.EMPTY_BUFFER, first), second);
    assertThat(kept).isInstanceOf(CompositeByteBuf.class);
    assertThat(((CompositeByteBuf) kept).numComponents()).isEqualTo(2);
    assertThat(ByteBufUtil.getBytes(kept)).isEqualTo(octets);
    kept.release();
    assertThat(first.refCnt() + second.refCnt()).isZero();
  }

  @Test
  void single_octets_take_one_buffer_about_as_large() {
    ByteBuf kept = Unpooled.EMPTY_BUFFER;
    for (int i = 0; i < RECORD_BYTES; i++) {
      kept = cumulate(kept, piece(i, i + 1));
    }
    assertThat(kept.nioBufferCount()).isEqualTo(1);
    assertThat(kept.capacity()).isLessThanOrEqualTo(2 * RECORD_BYTES);
    assertThat(ByteBufUtil.getBytes(kept)).isEqualTo(Arrays.copyOf(octets, RECORD_BYTES));
    kept.release();
  }

  /** Also behind a large one: few buffers, however many pieces. */
  @Test
  void single_octets_behind_a_large_read_take_few_buffers() {
    ByteBuf kept = cumulate(piece(0, 100), piece(100, 100 + TlsRecords.LARGE_BYTES));
    int from = 100 + TlsRecords.LARGE_BYTES;
    for (int i = from; i < RECORD_BYTES; i++) {
      kept = cumulate(kept, piece(i, i + 1));
    }
    assertThat(kept.nioBufferCount()).isLessThan(16);
    assertThat(kept.capacity()).isLessThanOrEqualTo(4 * RECORD_BYTES);
    assertThat(ByteBufUtil.getBytes(kept)).isEqualTo(Arrays.copyOf(octets, RECORD_BYTES));
    kept.release();
  }

  private ByteBuf cumulate(ByteBuf kept, ByteBuf read) {
    return TlsRecords.INSTANCE.cumulate(allocator, kept, read);
  }

  private ByteBuf piece(int from, int to) {
    return allocator.directBuffer(to - from).writeBytes(octets, from, to - from);
  }
}
