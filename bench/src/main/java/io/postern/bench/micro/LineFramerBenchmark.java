package io.postern.bench.micro;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.LineFramer;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Commands of an SMTP conversation, cut into lines: one operation is a whole conversation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LineFramerBenchmark {
  private static final int LINE_LIMIT_BYTES = 2048;
  private static final int LINES = 6;

  private final LineFramer framer = new LineFramer(LINE_LIMIT_BYTES);
  private final byte[] octets =
      """
      EHLO mail.example.org\r
      MAIL FROM:<journal@example.org> SIZE=76800 BODY=8BITMIME\r
      RCPT TO:<mbx-0123456789abcdef0123456789abcdef@archive.example.org>\r
      DATA\r
      RSET\r
      QUIT\r
      """
          .getBytes(US_ASCII);

  /** The conversation arrives whole, as with PIPELINING. */
  @Benchmark
  public int pipelined() {
    return lines(ByteBuffer.wrap(octets));
  }

  /** It arrives octet by octet. */
  @Benchmark
  public int octetByOctet() {
    int found = 0;
    for (int at = 0; at < octets.length; at++) {
      found += lines(ByteBuffer.wrap(octets, at, 1));
    }
    if (found != LINES) {
      throw new IllegalStateException(found + " lines");
    }
    return found;
  }

  private int lines(ByteBuffer arrived) {
    int found = 0;
    while (framer.next(arrived) == LineFramer.Found.LINE) {
      found += framer.line().length >= 0 ? 1 : 0;
    }
    return found;
  }
}
