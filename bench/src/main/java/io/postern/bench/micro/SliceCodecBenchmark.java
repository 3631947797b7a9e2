package io.postern.bench.micro;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.pipeline.MalformedException;
import io.postern.pipeline.Slice;
import io.postern.pipeline.SliceCodec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The headers of one sealed slice, written and read. The octets are not copied and cost nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SliceCodecBenchmark {
  private static final String MESSAGE_ID = "01jd8w7x9yzz3f4g5h6j7k8m9n";
  private static final String MAILBOX_ID = "01jd8w7x9yzz3f4g5h6j7k8m9p";

  private final Slice slice =
      Slice.sealed(
          MESSAGE_ID, MAILBOX_ID, "0123456789abcdef", 0, Slice.Mark.LAST, 1700, new byte[4096]);
  private final ConsumerRecord<byte[], byte[]> record =
      new ConsumerRecord<>(
          "postern.sealed",
          0,
          0,
          0,
          TimestampType.CREATE_TIME,
          MESSAGE_ID.length(),
          slice.octets().length,
          MESSAGE_ID.getBytes(US_ASCII),
          slice.octets(),
          new RecordHeaders(SliceCodec.headers(slice)),
          Optional.empty());

  @Benchmark
  public List<Header> encode() {
    return SliceCodec.headers(slice);
  }

  @Benchmark
  public Slice decode() throws MalformedException {
    return SliceCodec.decode(record);
  }
}
