package io.postern.gateway.demo;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Help.Ansi;

/** Shows work stage by stage: what is done, how long it took, whether it went well. */
final class Stages {
  private final PrintWriter out;
  private final Ansi ansi;

  Stages(PrintWriter out, Ansi ansi) {
    this.out = out;
    this.ansi = ansi;
  }

  /** Work that gives nothing. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  void title(String text) {
    print("%n@|bold %s|@%n".formatted(text));
  }

  void detail(String what, String result) {
    print("              %-46s @|faint %s|@%n".formatted(what, result));
  }

  void run(String name, String what, Work work) throws Exception {
    run(
        name,
        what,
        () -> {
          work.run();
          return null;
        });
  }

  <T> T run(String name, String what, Callable<T> work) throws Exception {
    print("  @|bold %-9s|@ %s%n".formatted(name, what));
    long began = System.nanoTime();
    try {
      T result = work.call();
      print(
          String.format(
              Locale.ROOT, "            @|green ✓|@ %.1f s%n", (System.nanoTime() - began) / 1e9));
      return result;
    } catch (Exception e) {
      print("            @|red ✗|@ failed%n".formatted());
      throw e;
    }
  }

  private void print(String markup) {
    out.print(ansi.string(markup));
    out.flush();
  }
}
