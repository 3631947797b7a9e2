package io.postern.bench;

import io.postern.bench.micro.AgeRatio;
import io.postern.bench.micro.MicroBenchmarks;
import io.postern.bench.race.AgeFile;
import io.postern.bench.race.Growth;
import io.postern.bench.race.Latency;
import io.postern.bench.race.PartCosts;
import io.postern.bench.race.Race;
import io.postern.bench.race.Report;
import io.postern.bench.race.RunningPostern;
import io.postern.bench.race.Scan;
import io.postern.bench.race.SlowSenders;
import io.postern.bench.race.Starts;
import io.postern.bench.scaling.Scaling;
import io.postern.gateway.StopSignal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code postern bench}: measures. Exit codes: 0 done, 1 failed or mail was lost, 2 wrong usage.
 */
@Command(
    name = "postern bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures Postern against Postfix and Dovecot, pair by pair, or single parts alone.",
      "In a checkout only."
    })
public final class Bench implements Callable<Integer> {
  /** Beside those that are measured there is one at least to fill. */
  private static final int LEAST_MAILBOXES = 33;

  @Spec private CommandSpec spec;

  @Option(
      names = "--micro",
      arity = "0..1",
      fallbackValue = ".*",
      paramLabel = "REGEX",
      description = "JMH benchmarks of single parts: those whose class or method matches.")
  private String micro;

  @Option(
      names = "--costs",
      description = "What each part of postern run takes of the CPU, which --scaling goes by.")
  private boolean costs;

  @Option(
      names = "--scaling",
      description = "Sizes and simulates a site of 100 million messages a day: docs/scaling.md.")
  private boolean scaling;

  @Option(
      names = "--proxy",
      arity = "0..1",
      fallbackValue = "PEER",
      paramLabel = "SERVER",
      description =
          "A mail server through the proxies against the same directly: peer (Postfix and Dovecot),"
              + " or sink, which takes mail and forgets it.")
  private ProxyServer proxy;

  @Option(
      names = "--latency",
      description = "How long messages wait at half of what the peer can take.")
  private boolean latency;

  @Option(
      names = "--slow-senders",
      arity = "0..1",
      fallbackValue = "1000",
      paramLabel = "SENDERS",
      description =
          "What so many senders of 25 MB each, all at the same time and slow, cost in memory."
              + " Default: ${FALLBACK-VALUE}.")
  private Integer slowSenders;

  @Option(
      names = "--growth",
      arity = "0..1",
      fallbackValue = "docs",
      paramLabel = "DIR",
      description =
          "What a message costs while the store grows and over more and more mailboxes; writes"
              + " plots and their figures there. Default: ${FALLBACK-VALUE}.")
  private Path growth;

  @Option(
      names = "--scan",
      description = "Logging in to, looking at and emptying one mailbox with very many messages.")
  private boolean scan;

  @Option(
      names = "--cold",
      description = "Of --scan only the first logins after a start: seconds a pair, not minutes.")
  private boolean cold;

  @Option(
      names = "--start",
      description = "How long postern run takes until it takes mail, on the Java that runs this.")
  private boolean start;

  @Option(
      names = "--age",
      description = "Sealing and opening a file of 1 GiB, against the age program.")
  private boolean age;

  @Option(
      names = "--messages",
      defaultValue = "100000",
      description =
          "With --growth: in the store at the end. With --scan and --cold: in the mailbox."
              + " Default: ${DEFAULT-VALUE}.")
  private int messages;

  @Option(
      names = "--mailboxes",
      defaultValue = "1000",
      description = "With --growth: at the end, 33 at least. Default: ${DEFAULT-VALUE}.")
  private int mailboxes;

  @Option(
      names = "--pairs",
      defaultValue = "5",
      description = "Measured runs of each, after one that is not. Default: ${DEFAULT-VALUE}.")
  private int pairs;

  @Option(
      names = "--work",
      split = ",",
      paramLabel = "NAME",
      description = "Only these: 4k-1, 4k-32, 75k-32, 1m-8, 25m-8, mixed.")
  private List<String> work = List.of();

  @Option(
      names = "--scale",
      defaultValue = "1",
      description =
          "So many times the messages, or with --age the octets. Default: ${DEFAULT-VALUE}.")
  private double scale;

  @Option(
      names = "--warm-up",
      defaultValue = "15000",
      paramLabel = "MESSAGES",
      description =
          "What Postern takes before anything is measured, 4 KB each over 32 connections, and half"
              + " as many of mixed sizes. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(names = "--strict", description = "Exit code 1 where a target is missed.")
  private boolean strict;

  @Option(
      names = "--race",
      paramLabel = "DIR",
      description = "What holds load and peer. Default: ../shared/bench beside the checkout.")
  private Path race;

  @Option(names = "--out", paramLabel = "FILE", description = "Writes the table there, too.")
  private Path out;

  @ArgGroup(exclusive = false, heading = "A Postern that runs already, instead of a new one:%n")
  private Running running;

  /** What can stand behind the proxies. */
  private enum ProxyServer {
    PEER,
    SINK
  }

  /** Where it is. */
  private static final class Running {
    @Option(names = "--smtp", required = true, description = "HOST:PORT, STARTTLS.")
    private String smtp;

    @Option(names = "--pop3", required = true, description = "HOST:PORT, STLS.")
    private String pop3;

    @Option(names = "--pids", required = true, description = "Its processes, comma-separated.")
    private String pids;
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine bench = new CommandLine(new Bench());
    bench.setCaseInsensitiveEnumValuesAllowed(true);
    bench.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("postern: " + failure.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
    return bench;
  }

  @Override
  public Integer call() throws Exception {
    if (micro != null) {
      measureParts();
    } else if (costs) {
      return report(new PartCosts(settings(), spec.commandLine().getErr())::run);
    } else if (scaling) {
      new Scaling(spec.commandLine().getOut()).print();
    } else if (latency) {
      return report(new Latency(settings(), spec.commandLine().getErr())::run);
    } else if (growth != null) {
      return report(growth());
    } else if (scan || cold) {
      return report(scan());
    } else if (slowSenders != null) {
      return report(slowSenders());
    } else if (start) {
      return report(new Starts(settings(), spec.commandLine().getErr())::run);
    } else if (age) {
      return report(new AgeFile(settings(), spec.commandLine().getErr())::run);
    } else {
      return report(new Race(settings(), spec.commandLine().getErr())::run);
    }
    return CommandLine.ExitCode.OK;
  }

  private void measureParts() throws RunnerException {
    try {
      AgeRatio.lines(MicroBenchmarks.run(micro)).forEach(spec.commandLine().getOut()::println);
      spec.commandLine().getOut().flush();
    } catch (NoBenchmarksException e) {
      throw new ParameterException(spec.commandLine(), "no benchmark matches " + micro);
    }
  }

  private Race.Course course() {
    if (proxy == null) {
      return Race.Course.PEER;
    }
    return switch (proxy) {
      case PEER -> Race.Course.PROXY;
      case SINK -> Race.Course.PROXY_SINK;
    };
  }

  private Callable<Report> growth() {
    if (messages < 1 || mailboxes < LEAST_MAILBOXES) {
      throw new ParameterException(
          spec.commandLine(), "--messages is one at least, --mailboxes " + LEAST_MAILBOXES);
    }
    if (!Files.isDirectory(growth)) {
      throw new ParameterException(spec.commandLine(), growth + " is no directory for the plots");
    }
    Growth measured = new Growth(settings(), messages, mailboxes, spec.commandLine().getErr());
    return () -> measured.run(growth);
  }

  private Callable<Report> scan() {
    if (messages < 1) {
      throw new ParameterException(spec.commandLine(), "--messages is one at least");
    }
    return new Scan(settings(), messages, cold, spec.commandLine().getErr())::run;
  }

  private Callable<Report> slowSenders() {
    if (slowSenders < 1) {
      throw new ParameterException(spec.commandLine(), "--slow-senders is one at least");
    }
    return new SlowSenders(settings(), slowSenders, spec.commandLine().getErr())::run;
  }

  private Race.Settings settings() {
    if (pairs < 1 || !(scale > 0) || warmUp < 0) {
      throw new ParameterException(
          spec.commandLine(), "--pairs and --scale are more than 0, --warm-up not less");
    }
    Path root = Path.of(System.getProperty("postern.root", ".")).toAbsolutePath().normalize();
    Path shared = race != null ? race : root.resolveSibling("shared/bench");
    return new Race.Settings(
        root,
        shared,
        work,
        pairs,
        scale,
        Optional.ofNullable(running).map(r -> new RunningPostern(r.smtp, r.pop3, r.pids)),
        course(),
        warmUp);
  }

  private int report(Callable<Report> measurement) throws Exception {
    Report report = untilInterrupted(measurement);
    spec.commandLine().getOut().print(report.text());
    spec.commandLine().getOut().flush();
    if (out != null) {
      Files.writeString(out, report.text());
    }
    return strict && !report.targetsMet() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  /** Interrupted, a measurement stops and removes what it has made. */
  private static Report untilInterrupted(Callable<Report> measurement) throws Exception {
    StopSignal stop = new StopSignal(Thread.currentThread()::interrupt);
    try (stop) {
      return measurement.call();
    }
  }
}
