package io.postern.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Keeps what was read until the TLS record is whole. A large read, which mostly ends amid a record,
 * is put behind what is there, so that only the record that lies in both is copied. What comes in
 * small pieces is copied together: a buffer kept for each octet would be a hundred times its size.
 */
final class TlsRecords implements ByteToMessageDecoder.Cumulator {
  static final TlsRecords INSTANCE = new TlsRecords();

  /** Octets: of such pieces a record, 16 KiB and a little, has three at most. */
  static final int LARGE_BYTES = 8 * 1024;

  private TlsRecords() {}

  @Override
  public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf kept, ByteBuf read) {
    ByteToMessageDecoder.Cumulator how =
        read.readableBytes() >= LARGE_BYTES
            ? ByteToMessageDecoder.COMPOSITE_CUMULATOR
            : ByteToMessageDecoder.MERGE_CUMULATOR;
    return how.cumulate(allocator, kept, read);
  }
}
