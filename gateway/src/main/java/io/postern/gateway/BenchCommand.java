package io.postern.gateway;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Listed here for the help; the launcher of a checkout starts the measuring itself, which is no
 * part of an installation.
 */
@Command(description = "Measures: single parts, or the whole against the peer. In a checkout only.")
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine()
        .getErr()
        .println("postern: an installation does not measure: run ./postern bench in a checkout");
    return 1;
  }
}
