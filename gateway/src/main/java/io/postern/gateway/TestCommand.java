package io.postern.gateway;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Listed here for the help; the launcher of a checkout runs the tests itself, since they compile
 * first.
 */
@Command(description = "All tests; further arguments go to Maven. In a checkout only.")
final class TestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine()
        .getErr()
        .println(
            "postern: there are no tests in an installation: run ./postern test in a checkout");
    return 1;
  }
}
