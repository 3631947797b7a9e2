package io.postern.bench.micro;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;

/**
 * What sealing and opening a large age file takes, against what the fastest cipher of this JVM
 * takes for the same octets: the quickest iteration of each, since all that others on the machine
 * can do is to add to it.
 */
public final class AgeRatio {
  /** At most so many times the cipher alone. */
  static final double TARGET = 1.3;

  private static final String SIZE = "16777216";

  private AgeRatio() {}

  /** A line for each that was measured, with whether it meets the target. */
  public static List<String> lines(Collection<RunResult> results) {
    List<String> lines = new ArrayList<>();
    for (String verb : List.of("seal", "open")) {
      double best =
          results.stream()
              .filter(result -> is(result, CipherBenchmark.class, verb))
              .mapToDouble(AgeRatio::micros)
              .min()
              .orElse(Double.NaN);
      results.stream()
          .filter(result -> is(result, AgeBenchmark.class, verb) && !Double.isNaN(best))
          .forEach(result -> lines.add(line(verb, result, best)));
    }
    return lines;
  }

  private static String line(String verb, RunResult result, double best) {
    double ratio = micros(result) / best;
    return String.format(
        Locale.ROOT,
        "%s, 16 MiB, %s, pieces of %d KiB: %.2f times the fastest ChaCha20-Poly1305 alone; at most %.1f: %s",
        verb,
        Boolean.parseBoolean(result.getParams().getParam("classic")) ? "X25519" : "hybrid",
        Integer.parseInt(result.getParams().getParam("piece")) / 1024,
        ratio,
        TARGET,
        ratio <= TARGET ? "met" : "missed");
  }

  private static boolean is(RunResult result, Class<?> benchmark, String verb) {
    return result.getParams().getBenchmark().endsWith("." + benchmark.getSimpleName() + "." + verb)
        && SIZE.equals(result.getParams().getParam("size"));
  }

  private static double micros(RunResult result) {
    return result.getPrimaryResult().getStatistics().getMin();
  }
}
