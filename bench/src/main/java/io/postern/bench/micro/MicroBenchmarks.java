package io.postern.bench.micro;

import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks of this package, each in a JVM of its own. */
public final class MicroBenchmarks {
  private static final int WARMUPS = 3;
  private static final int ITERATIONS = 10;
  private static final TimeValue ITERATION = TimeValue.milliseconds(500);

  private MicroBenchmarks() {}

  /**
   * Runs those whose name (class and method) matches, and prints as it goes: seconds for each and
   * each of its parameters.
   */
  public static Collection<RunResult> run(String regex) throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .include(regex)
                .forks(1)
                .jvmArgsAppend("-Xmx512m")
                .warmupIterations(WARMUPS)
                .warmupTime(ITERATION)
                .measurementIterations(ITERATIONS)
                .measurementTime(ITERATION)
                .shouldFailOnError(true)
                .build())
        .run();
  }
}
