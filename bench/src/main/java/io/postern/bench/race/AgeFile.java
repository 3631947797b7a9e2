package io.postern.bench.race;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** {@code postern age} against the age program: a large file, whole processes, pair by pair. */
public final class AgeFile {
  private static final long FILE_BYTES = 1L << 30;
  private static final int PIECE_BYTES = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Of what the age program takes. */
  private static final double MOST = 1;

  private final Race.Settings settings;
  private final PrintWriter progress;
  private final boolean settles;

  /**
   * @param settings of which the checkout, the pairs and the scale are used, which goes for the
   *     file's length
   */
  public AgeFile(Race.Settings settings, PrintWriter progress) {
    this(settings, progress, true);
  }

  /**
   * @param settles whether the machine is settled before each turn, which takes half a minute where
   *     the machine is new
   */
  AgeFile(Race.Settings settings, PrintWriter progress, boolean settles) {
    this.settings = settings;
    this.progress = progress;
    this.settles = settles;
  }

  /**
   * Runs it: ten seconds for each pair. Each program opens what the other one has sealed.
   *
   * @throws RaceException where the age program is missing, or what was opened is not what was
   *     sealed
   */
  public Report run() {
    if (!Programs.present("age") || !Programs.present("age-keygen")) {
      throw new RaceException("the age program is missing: apt-get install age");
    }
    try (WorkDirectory work = WorkDirectory.create()) {
      return new Turns(work.path()).run();
    }
  }

  /** A program with the arguments after which {@code -o OUT INPUT} seals or opens. */
  private record Tool(String name, List<String> seal, List<String> open) {}

  /** One file, sealed and opened by turns. */
  private final class Turns {
    private final Path directory;
    private final Path plain;
    private final SettledMachine machine;
    private final Tool postern;
    private final Tool age;

    Turns(Path directory) {
      this.directory = directory;
      this.plain = directory.resolve("plain");
      this.machine = new SettledMachine(directory);
      String launcher = settings.root().resolve("postern").toString();
      // Builds what is stale and prepares fast starts, so that neither is measured.
      succeed(List.of(launcher, "age", "--help"));
      String identity = directory.resolve("identity").toString();
      succeed(List.of("age-keygen", "-o", identity));
      String recipient = succeed(List.of("age-keygen", "-y", identity)).strip();
      this.postern =
          new Tool(
              "Postern",
              List.of(launcher, "age", "encrypt", "-r", recipient),
              List.of(launcher, "age", "decrypt", "-i", identity));
      this.age =
          new Tool(
              "age",
              List.of("age", "--encrypt", "-r", recipient),
              List.of("age", "--decrypt", "-i", identity));
    }

    Report run() {
      long length = Math.max(1, (long) (FILE_BYTES * settings.scale()));
      write(plain, length);
      List<Compared.Pair> sealing = new ArrayList<>();
      List<Compared.Pair> opening = new ArrayList<>();
      for (int round = 0; round <= settings.pairs(); round++) {
        Compared.Pair sealed = pair(round, "sealing", this::sealMs);
        Compared.Pair opened = pair(round, "opening", this::openMs);
        if (round > 0) {
          sealing.add(sealed);
          opening.add(opened);
        }
      }
      return report(length, new Compared(sealing), new Compared(opening));
    }

    private Compared.Pair pair(int round, String what, ToDoubleFunction<Tool> measure) {
      // Whoever comes second finds the machine as the first has left it: they take turns.
      double ours = 0;
      if (round % 2 == 0) {
        ours = measure.applyAsDouble(postern);
      }
      double theirs = measure.applyAsDouble(age);
      if (round % 2 != 0) {
        ours = measure.applyAsDouble(postern);
      }
      progress.printf(
          "%s %s: Postern %.0f ms, age %.0f ms%n", Race.roundName(round), what, ours, theirs);
      progress.flush();
      return new Compared.Pair(ours, theirs);
    }

    private double sealMs(Tool tool) {
      return ms(tool.seal(), sealedBy(tool), plain);
    }

    private double openMs(Tool tool) {
      Path opened = directory.resolve("opened");
      double ms = ms(tool.open(), opened, sealedBy(tool == age ? postern : age));
      requirePlain(opened, tool);
      return ms;
    }

    private Path sealedBy(Tool tool) {
      return directory.resolve("sealed-by-" + tool.name());
    }

    private double ms(List<String> how, Path output, Path input) {
      List<String> command = new ArrayList<>(how);
      command.addAll(List.of("-o", output.toString(), input.toString()));
      delete(output);
      if (settles) {
        machine.settle();
      }
      read(input);
      long start = System.nanoTime();
      succeed(command);
      return (System.nanoTime() - start) / 1e6;
    }

    private void requirePlain(Path opened, Tool tool) {
      try {
        if (Files.mismatch(opened, plain) >= 0) {
          throw new RaceException(tool.name() + " has not opened what was sealed");
        }
      } catch (IOException e) {
        throw new RaceException("cannot compare what was opened: " + e.getMessage(), e);
      }
      delete(opened);
    }

    private Report report(long length, Compared sealing, Compared opening) {
      String text =
          "| %d MiB | Postern | age | ratio | target |%n".formatted(length >> 20)
              + "| --- | --- | --- | --- | --- |\n"
              + sealing.row("sealing, ms", MOST)
              + opening.row("opening, ms", MOST)
              + """

              - Whole processes, X25519, from a file in the page cache to a new one. Each opens what the other has sealed.
              - Medians of %d pairs after one that is not counted, with minimum and maximum. %s
              - age %s; Java %s; %s.
              """
                  .formatted(
                      settings.pairs(),
                      SettledMachine.NOTE,
                      succeed(List.of("age", "--version")).strip(),
                      System.getProperty("java.version"),
                      Machine.describe(directory));
      return new Report(text, sealing.isWithin(MOST) && opening.isWithin(MOST));
    }
  }

  private static String succeed(List<String> command) {
    Programs.Result result = Programs.run(PATIENCE, command);
    if (result.exitCode() != 0) {
      throw new RaceException(command.get(0) + ": " + result.lastLine());
    }
    return result.output();
  }

  private static void write(Path file, long length) {
    byte[] piece = new byte[PIECE_BYTES];
    new Random().nextBytes(piece);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = length; left > 0; left -= piece.length) {
        out.write(piece, 0, (int) Math.min(left, piece.length));
      }
    } catch (IOException e) {
      throw new RaceException("cannot write the file to seal: " + e.getMessage(), e);
    }
  }

  /** So that it is in the page cache. */
  private static void read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new RaceException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new RaceException("cannot delete " + file + ": " + e.getMessage(), e);
    }
  }
}
