package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What each part of {@code postern run} takes of the CPU, by message and by megabyte: what the
 * model of a large site and the simulation go by.
 */
public final class PartCosts {
  private static final int CONNECTIONS = 32;
  private static final int HANDSHAKES = 256;
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  /** Lengths of messages, and how many of them in one run. */
  private enum Size {
    SMALL("4k", 4_096, 8000),
    MIDDLE("75k", 76_800, 3000),
    LARGE("1m", 1_048_576, 300);

    private final String name;
    private final int octets;
    private final int messages;

    Size(String name, int octets, int messages) {
      this.name = name;
      this.octets = octets;
      this.messages = messages;
    }
  }

  /** What is told apart, by the names of threads where there are some. */
  private enum Part {
    INGEST("ingest", "vert.x-eventloo"),
    RAW("`raw`", "raw-outbox"),
    CRYPTO("crypto-worker", "crypto-worker"),
    SEALED("`sealed`", "sealed-outbox"),
    STORE("store-worker", "store-worker"),
    OBJECTS("the directory store", "directory-store", "object-store"),
    ACCEPTING("all others, accepting"),
    STORING("all others, storing"),
    LOAD("load program"),
    POP3("fetching and deleting, all threads");

    private final String title;
    private final List<String> threads;

    Part(String title, String... threads) {
      this.title = title;
      this.threads = List.of(threads);
    }

    private boolean isOf(String thread) {
      return threads.stream().anyMatch(thread::startsWith);
    }

    private static boolean isOther(String thread) {
      return Arrays.stream(values()).noneMatch(part -> part.isOf(thread));
    }
  }

  /**
   * One run, until its last object was stored.
   *
   * @param micros of each part, by message
   * @param othersMeanwhile the part of all cores that neither side had until the last 250
   * @param othersAfterwards the same from then on
   */
  private record Flood(
      Map<Part, Double> micros,
      int messages,
      double acceptedPerSecond,
      double storedPerSecond,
      double othersMeanwhile,
      double othersAfterwards) {}

  private final Race.Settings settings;
  private final PrintWriter progress;

  /**
   * @param settings whose work is not used; the pairs go for runs of each length
   */
  public PartCosts(Race.Settings settings, PrintWriter progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs it: minutes.
   *
   * @throws RaceException where something is missing, or mail was lost or changed
   */
  public Report run() {
    if (settings.running().isPresent()) {
      throw new RaceException("parts are told apart in a Postern of its own: one process");
    }
    try (WorkDirectory work = WorkDirectory.create()) {
      LoadProgram load = LoadProgram.compile(settings.shared(), work.path());
      Path data = work.path().resolve("data");
      try (PosternProcess postern =
          PosternProcess.start(settings.root().resolve("postern"), data, Map.of())) {
        WarmUp.run(load, postern, settings.warmUpMessages(), progress);
        Measurement measurement =
            new Measurement(load, postern, new StoredMail(data.resolve("objects")));
        measurement.run();
        return new Report(measurement.text() + notes(work), true);
      }
    }
  }

  private String notes(WorkDirectory work) {
    return """
        - Microseconds of CPU by the names of threads: the straight line of the least relative error through the medians of %d runs of each length over %d connections, after one that is not counted. What threads that ended in a run had taken is in none.
        - %s
        - Java %s; %s.
        """
        .formatted(
            settings.pairs(),
            CONNECTIONS,
            WarmUp.note(settings.warmUpMessages()),
            System.getProperty("java.version"),
            Machine.describe(work.path()));
  }

  /** All runs of one process. */
  private final class Measurement {
    private final LoadProgram load;
    private final PosternProcess postern;
    private final StoredMail stored;
    private final Map<Size, List<Flood>> floods = new EnumMap<>(Size.class);
    private final Map<Size, List<Double>> fetching = new EnumMap<>(Size.class);
    private final List<Flood> handshakes = new ArrayList<>();

    Measurement(LoadProgram load, PosternProcess postern, StoredMail stored) {
      this.load = load;
      this.postern = postern;
      this.stored = stored;
      for (Size size : Size.values()) {
        floods.put(size, new ArrayList<>());
        fetching.put(size, new ArrayList<>());
      }
    }

    void run() {
      for (int round = 0; round <= settings.pairs(); round++) {
        for (Size size : Size.values()) {
          int messages = (int) Math.max(2 * CONNECTIONS, size.messages * settings.scale());
          Flood flood = flood(size, CONNECTIONS, messages);
          double fetched = fetchingMicros(size, messages);
          progress.printf(
              "%s %s accepted %s/s, stored %s/s%n",
              Race.roundName(round),
              size.name,
              Figure.format(flood.acceptedPerSecond()),
              Figure.format(flood.storedPerSecond()));
          progress.flush();
          if (round > 0) {
            floods.get(size).add(flood);
            fetching.get(size).add(fetched);
          }
        }
        if (round > 0) {
          handshakes.add(flood(Size.SMALL, HANDSHAKES, HANDSHAKES));
        }
      }
    }

    private Flood flood(Size size, int connections, int messages) {
      long storedBefore = stored.count();
      load.settle();
      ThreadTimes before = ThreadTimes.of(postern.pids());
      JsonNode run =
          load.runSettled(new SmtpOnly(postern), work(size, connections, messages), List.of());
      long accepted = System.nanoTime();
      ThreadTimes then = ThreadTimes.of(postern.pids());
      double busyThen = Machine.busySeconds();
      long storedThen = stored.count() - storedBefore;
      stored.awaitCount(storedBefore + messages);
      double afterwards = (System.nanoTime() - accepted) / 1e9;
      ThreadTimes after = ThreadTimes.of(postern.pids());
      double busyAfterwards = Machine.busySeconds() - busyThen;
      load.drain(postern, Work.MAX_MAILBOXES);

      Map<Part, Double> micros = new EnumMap<>(Part.class);
      for (Part part : Part.values()) {
        micros.put(part, after.microsSince(before, part::isOf) / messages);
      }
      double storing = after.microsSince(then, Part::isOther) / Math.max(1, messages - storedThen);
      double othersMeanwhile = then.microsSince(before, Part::isOther);
      micros.put(Part.STORING, storing);
      micros.put(Part.ACCEPTING, (othersMeanwhile - storing * storedThen) / messages);
      micros.put(Part.LOAD, 1e6 * run.at("/usage/accept/client_cpu_s").asDouble() / messages);
      double own = after.microsSince(then, thread -> true) / 1e6;
      return new Flood(
          micros,
          messages,
          Figure.ACCEPTED.of(run),
          messages / (messages / Figure.ACCEPTED.of(run) + afterwards),
          run.at("/usage/accept/other_cpu_s").asDouble()
              / (CORES * run.at("/usage/accept/wall_s").asDouble()),
          (busyAfterwards - own) / (CORES * afterwards));
    }

    /** Of all threads, while everything is fetched and deleted. */
    private double fetchingMicros(Size size, int messages) {
      JsonNode usage = load.run(postern, work(size, CONNECTIONS, messages)).at("/usage");
      double seconds =
          usage.at("/all/server_cpu_s").asDouble()
              - usage.at("/accept_and_deliver/server_cpu_s").asDouble();
      return 1e6 * seconds / messages;
    }

    private static Work work(Size size, int connections, int messages) {
      return new Work("costs", "", size.name, connections, Work.MAX_MAILBOXES, messages, Map.of());
    }

    String text() {
      StringBuilder text =
          new StringBuilder("| part | a message | a megabyte | farthest from the line |\n");
      text.append("| --- | --- | --- | --- |\n");
      for (Part part : Part.values()) {
        List<CostLine.Point> points = points(part);
        CostLine line = CostLine.through(points);
        text.append(
            "| %s | %.0f | %.0f | %.0f %% |%n"
                .formatted(
                    part.title, line.perMessage(), line.perMegabyte(), 100 * line.worst(points)));
      }
      text.append(
          "| a connection: ingest | %.0f | | |%n| a connection: load program | %.0f | | |%n%n"
              .formatted(handshakeMicros(Part.INGEST), handshakeMicros(Part.LOAD)));
      text.append(
          "| messages | octets | accepted /s | stored /s | others, until the last 250 | afterwards |\n");
      text.append("| --- | --- | --- | --- | --- | --- |\n");
      floods.forEach((size, runs) -> runs.forEach(run -> text.append(row(size, run))));
      return text.append('\n').toString();
    }

    private static String row(Size size, Flood flood) {
      return "| %d | %d | %.0f | %.0f | %.2f | %.2f |%n"
          .formatted(
              flood.messages(),
              size.octets,
              flood.acceptedPerSecond(),
              flood.storedPerSecond(),
              flood.othersMeanwhile(),
              flood.othersAfterwards());
    }

    private List<CostLine.Point> points(Part part) {
      List<CostLine.Point> points = new ArrayList<>();
      for (Size size : Size.values()) {
        double micros =
            part == Part.POP3
                ? Spread.of(fetching.get(size)).median()
                : median(floods.get(size), part) - handshakesShare(size, part);
        points.add(new CostLine.Point(size.octets / 1e6, micros));
      }
      return points;
    }

    /** What of a message's cost is its connection's. */
    private double handshakesShare(Size size, Part part) {
      boolean shakes = part == Part.INGEST || part == Part.LOAD;
      int messages = floods.get(size).get(0).messages();
      return shakes ? handshakeMicros(part) * CONNECTIONS / messages : 0;
    }

    /** From runs with a connection for each message, less what the message takes. */
    private double handshakeMicros(Part part) {
      double few = (double) CONNECTIONS / floods.get(Size.SMALL).get(0).messages();
      double difference = median(handshakes, part) - median(floods.get(Size.SMALL), part);
      return difference / (1 - few);
    }

    private static double median(List<Flood> runs, Part part) {
      return Spread.of(runs.stream().map(run -> run.micros().get(part)).toList()).median();
    }
  }
}
