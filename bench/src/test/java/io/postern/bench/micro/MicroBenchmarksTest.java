package io.postern.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** That each benchmark runs; what it measures is nobody's business here. */
class MicroBenchmarksTest {
  private static final int BENCHMARKS = 11;

  @Test
  void each_benchmark_runs_once() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include("io.postern.bench.micro")
                    .forks(0)
                    .param("size", "4096")
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(1))
                    .timeout(TimeValue.seconds(30))
                    .timeUnit(TimeUnit.MICROSECONDS)
                    .verbosity(VerboseMode.SILENT)
                    .shouldFailOnError(true)
                    .build())
            .run();
    assertThat(results.stream().map(r -> r.getParams().getBenchmark()).distinct())
        .hasSize(BENCHMARKS);
    assertThat(results).allMatch(r -> r.getPrimaryResult().getScore() > 0);
  }
}
