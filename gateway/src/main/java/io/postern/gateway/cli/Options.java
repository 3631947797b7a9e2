package io.postern.gateway.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The options of a command; what was given for them is known once it runs. Without annotations: to
 * read those took a third of the age command's start, and a twelfth of a service's.
 */
public final class Options {
  /** What the command does with its options' values, of which the result is the exit code. */
  private Callable<Integer> work;

  private final CommandSpec spec =
      CommandSpec.wrapWithoutInspection((Callable<Integer>) () -> work.call());

  private Options() {}

  /**
   * A command.
   *
   * @param work adds options, and returns what is to be done when their values are known
   */
  public static CommandSpec command(String description, Function<Options, Callable<Integer>> work) {
    Options options = new Options();
    options.spec.usageMessage().description(description);
    options.work = work.apply(options);
    return options.spec;
  }

  /** Where the command prints to. */
  public PrintWriter out() {
    return spec.commandLine().getOut();
  }

  public Supplier<Boolean> flag(String description, String... names) {
    return add(OptionSpec.builder(names).type(boolean.class), description, false);
  }

  public Supplier<Integer> number(
      String label, int whereNotGiven, String description, String... names) {
    return add(
        OptionSpec.builder(names).paramLabel(label).type(int.class), description, whereNotGiven);
  }

  /** Null where it is not given. */
  public Supplier<Path> file(String label, String description, String... names) {
    return add(OptionSpec.builder(names).paramLabel(label).type(Path.class), description, null);
  }

  public Supplier<List<String>> texts(String label, String description, String... names) {
    return list(String.class, label, description, names);
  }

  public Supplier<List<Path>> files(String label, String description, String... names) {
    return list(Path.class, label, description, names);
  }

  /** What follows the options, null where nothing does. */
  public Supplier<Path> argument(String label, String description) {
    PositionalParamSpec argument =
        PositionalParamSpec.builder()
            .paramLabel(label)
            .type(Path.class)
            .arity("0..1")
            .description(description)
            .build();
    spec.addPositional(argument);
    return argument::getValue;
  }

  private <T> Supplier<List<T>> list(
      Class<T> type, String label, String description, String... names) {
    return add(
        OptionSpec.builder(names).paramLabel(label).type(List.class).auxiliaryTypes(type),
        description,
        List.of());
  }

  private <T> Supplier<T> add(OptionSpec.Builder builder, String description, T whereNotGiven) {
    OptionSpec option = builder.description(description).build();
    spec.addOption(option);
    return () -> {
      T value = option.getValue();
      return value == null ? whereNotGiven : value;
    };
  }
}
