package io.postern.bench.micro;

import io.postern.pipeline.LowWaterMark;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Records read and finished in another order: one operation is one record, from read to mark. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LowWaterMarkBenchmark {
  private static final int RECORDS = 100_000;

  /** How many records are unfinished at a time. */
  @Param({"10", "1000"})
  public int unfinished;

  private int[] order;
  private LowWaterMark mark;

  @Setup
  public void prepare() {
    order = new Random(1).ints(RECORDS, 0, unfinished).toArray();
  }

  @Setup(Level.Invocation)
  public void begin() {
    mark = new LowWaterMark(0);
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long readAndFinish() {
    long[] open = new long[unfinished];
    long sum = 0;
    for (int offset = 0; offset < RECORDS; offset++) {
      mark.read(offset);
      int finished = order[offset];
      mark.finish(open[finished]);
      open[finished] = offset;
      sum += mark.offset();
    }
    return sum;
  }
}
