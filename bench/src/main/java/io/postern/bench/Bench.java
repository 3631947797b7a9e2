package io.postern.bench;

import io.postern.bench.micro.MicroBenchmarks;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code postern bench}: measures. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "postern bench",
    mixinStandardHelpOptions = true,
    description = "Measures parts of Postern alone. In a checkout only.")
public final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private What what;

  /** What to measure. */
  private static final class What {
    @Option(
        names = "--micro",
        arity = "0..1",
        fallbackValue = ".*",
        paramLabel = "REGEX",
        description = "JMH benchmarks of single parts: those whose class or method matches.")
    private String micro;
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine bench = new CommandLine(new Bench());
    bench.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("postern: " + failure.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
    return bench;
  }

  @Override
  public Integer call() throws RunnerException {
    try {
      MicroBenchmarks.run(what.micro);
      return CommandLine.ExitCode.OK;
    } catch (NoBenchmarksException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "no benchmark matches " + what.micro);
    }
  }
}
