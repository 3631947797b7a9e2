package io.postern.bench.micro;

import io.postern.protocol.DotDecoder;
import io.postern.protocol.DotEncoder;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Dot-stuffing and its undoing: one operation is one text, in pieces as they leave a socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DotCodecBenchmark {
  private static final int PIECE_BYTES = 16 * 1024;

  /** Octets in a text. */
  @Param({"4096", "1048576"})
  public int size;

  /** One line in so many begins with a dot; 0: none. */
  @Param({"0", "50"})
  public int dotEvery;

  private byte[] plain;
  private byte[] stuffed;

  @Setup
  public void prepare() {
    plain = Texts.lines(size, dotEvery);
    ByteBuffer whole = ByteBuffer.allocate(2 * size + 16);
    DotEncoder encoder = new DotEncoder();
    whole.put(encoder.encode(ByteBuffer.wrap(plain))).put(encoder.finish()).flip();
    stuffed = new byte[whole.remaining()];
    whole.get(stuffed);
  }

  @Benchmark
  public boolean decode(Blackhole text) {
    DotDecoder decoder = new DotDecoder();
    boolean ended = false;
    for (int at = 0; at < stuffed.length; at += PIECE_BYTES) {
      ByteBuffer piece = ByteBuffer.wrap(stuffed, at, Math.min(PIECE_BYTES, stuffed.length - at));
      ended = decoder.decode(piece, (octets, offset, length) -> text.consume(length));
    }
    if (!ended) {
      throw new IllegalStateException("the text did not end");
    }
    return ended;
  }

  @Benchmark
  public void encode(Blackhole out) {
    DotEncoder encoder = new DotEncoder();
    for (int at = 0; at < plain.length; at += PIECE_BYTES) {
      out.consume(
          encoder.encode(ByteBuffer.wrap(plain, at, Math.min(PIECE_BYTES, plain.length - at))));
    }
    out.consume(encoder.finish());
  }
}
