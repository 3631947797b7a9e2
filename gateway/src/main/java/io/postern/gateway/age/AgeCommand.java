package io.postern.gateway.age;

import io.postern.age.ArmorWriter;
import io.postern.age.Keys;
import io.postern.age.Passphrase;
import io.postern.age.Recipient;
import io.postern.age.Sealer;
import io.postern.age.Sink;
import io.postern.gateway.CommandFailure;
import io.postern.gateway.cli.Options;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code postern age}: the age v1 format alone, for recovery and for tests. What goes wrong is
 * thrown as a {@link CommandFailure}, after everything authentic has been written.
 */
public final class AgeCommand {
  public static final String NAME = "age";

  /** What the age tool takes, too: about a second and 256 MiB. */
  private static final int LOG_N = 18;

  private final InputStream in;
  private final OutputStream out;
  private final SecureRandom random;

  private final CommandSpec spec = CommandSpec.create().name(NAME);

  /** Works on the process's standard input and output. */
  public AgeCommand() {
    // Not System.out, which keeps errors (a full disk, a closed pipe) to itself.
    this(System.in, new FileOutputStream(FileDescriptor.out), new SecureRandom());
  }

  AgeCommand(InputStream in, OutputStream out, SecureRandom random) {
    this.in = in;
    this.out = out;
    this.random = random;
    spec.usageMessage()
        .description("Makes keys, seals and opens files in the age format, as mail is kept in.")
        .synopsisSubcommandLabel("COMMAND");
    spec.addSubcommand("decrypt", decrypt());
    spec.addSubcommand("encrypt", encrypt());
    spec.addSubcommand("keygen", keygen());
  }

  /** With its three subcommands, to be put under another. */
  public CommandSpec spec() {
    return spec;
  }

  /** From where to where; {@code -} is standard input or output, too. */
  private record FileOptions(Supplier<Path> from, Supplier<Path> to) {
    static FileOptions of(Options options) {
      return new FileOptions(
          options.argument("INPUT", "The file to read; otherwise standard input."),
          options.file("OUT", "The file to write; otherwise standard output.", "-o", "--output"));
    }

    Path input() {
      return from.get();
    }

    Path output() {
      return to.get();
    }
  }

  /** What is to be done with open files. */
  private interface Work {
    void run() throws IOException;
  }

  private CommandSpec keygen() {
    return Options.command(
        "Makes an identity, which opens what is sealed to its public key.",
        options -> {
          Supplier<Boolean> classic =
              options.flag(
                  "X25519, which older age tools read, instead of post-quantum keys.", "--classic");
          Supplier<Path> file =
              options.file(
                  "OUT",
                  "A new file to write, for its owner only; otherwise standard output.",
                  "-o",
                  "--output");
          return () -> keygen(classic.get(), file.get());
        });
  }

  private int keygen(boolean classic, Path file) {
    Keys.KeyPair keys = Keys.generate(classic, random);
    return run(
        () -> {
          try (Output output = isStandard(file) ? Output.to(out) : Output.toNewSecret(file)) {
            output.write(keys.identityFile(), 0, keys.identityFile().length);
            output.finish();
          } finally {
            Arrays.fill(keys.identityFile(), (byte) 0);
          }
          PrintWriter err = spec.commandLine().getErr();
          err.println("Public key: " + keys.recipient());
          err.flush();
        });
  }

  private CommandSpec encrypt() {
    return Options.command(
        "Seals a file to recipients or with a passphrase.",
        options -> {
          Supplier<List<String>> recipients =
              options.texts("RECIPIENT", "A public key, age1…; repeatable.", "-r", "--recipient");
          Supplier<List<Path>> recipientsFiles =
              options.files(
                  "FILE",
                  "A file of public keys, one a line; repeatable.",
                  "-R",
                  "--recipients-file");
          PassphraseOptions passphrase = PassphraseOptions.of(options);
          Supplier<Boolean> armor = options.flag("Write ASCII armor.", "-a", "--armor");
          FileOptions files = FileOptions.of(options);
          return () ->
              encrypt(recipients.get(), recipientsFiles.get(), passphrase, armor.get(), files);
        });
  }

  private int encrypt(
      List<String> recipients,
      List<Path> recipientsFiles,
      PassphraseOptions passphrase,
      boolean armor,
      FileOptions files) {
    boolean toKeys = !recipients.isEmpty() || !recipientsFiles.isEmpty();
    if (toKeys == passphrase.wanted()) {
      throw usage("give either recipients (-r, -R) or a passphrase (-p)");
    }
    return run(
        () -> {
          requireDifferent(files);
          Sealer sealer =
              sealer(
                  toKeys
                      ? recipients(recipients, recipientsFiles)
                      : List.of(passphraseRecipient(passphrase)));
          if (!armor && areLarge(files)) {
            try (LargeFile file = new LargeFile(files.input(), files.output())) {
              file.seal(sealer);
            }
            return;
          }
          try (InputStream input = input(files);
              Output output = output(files)) {
            seal(sealer, input, armor, output);
            output.finish();
          }
        });
  }

  private CommandSpec decrypt() {
    return Options.command(
        "Opens a file. Exit code 0 says that all of it was authentic; what was authentic before any"
            + " damage is written in any case.",
        options -> {
          Supplier<List<Path>> identityFiles =
              options.files(
                  "IDENTITY-FILE",
                  "A file of identities, which may be sealed with a passphrase; repeatable.",
                  "-i",
                  "--identity");
          PassphraseOptions passphrase = PassphraseOptions.of(options);
          Supplier<Integer> maxLogN =
              options.number(
                  "N",
                  Passphrase.DEFAULT_MAX_LOG_N,
                  "Refuse passphrases that take more than 2^N work and 2^N KiB of memory (default: "
                      + Passphrase.DEFAULT_MAX_LOG_N
                      + ").",
                  "--max-work-factor");
          FileOptions files = FileOptions.of(options);
          return () -> decrypt(identityFiles.get(), passphrase, maxLogN.get(), files);
        });
  }

  private int decrypt(
      List<Path> identityFiles, PassphraseOptions passphrase, int maxLogN, FileOptions files) {
    if (identityFiles.isEmpty() && !passphrase.wanted()) {
      throw usage("give identities (-i) or a passphrase (-p)");
    }
    if (maxLogN < 1 || maxLogN > Passphrase.MAX_LOG_N) {
      throw usage("--max-work-factor is from 1 to " + Passphrase.MAX_LOG_N);
    }
    return run(
        () -> {
          requireDifferent(files);
          try (IdentityRing identities = new IdentityRing(passphrase, maxLogN)) {
            if (areLarge(files) && !Unsealing.isArmor(files.input())) {
              try (LargeFile file = new LargeFile(files.input(), files.output())) {
                identities.add(identityFiles);
                file.open(identities.identities());
              }
              return;
            }
            try (InputStream input = input(files);
                Output output = output(files)) {
              identities.add(identityFiles);
              Unsealing.unseal(input, identities.identities(), output);
              output.finish();
            }
          }
        });
  }

  private static int run(Work work) {
    try {
      work.run();
      return 0;
    } catch (IOException e) {
      throw new CommandFailure(Failures.explain(e), e);
    } catch (UncheckedIOException e) {
      throw new CommandFailure(Failures.explain(e.getCause()), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static List<Recipient> recipients(List<String> texts, List<Path> files)
      throws IOException {
    List<Recipient> recipients = new ArrayList<>();
    for (String text : texts) {
      recipients.add(Keys.recipient(text));
    }
    for (Path file : files) {
      recipients.addAll(Keys.recipients(Files.readAllBytes(file)));
    }
    return recipients;
  }

  private static Recipient passphraseRecipient(PassphraseOptions options) throws IOException {
    byte[] passphrase = options.readNew();
    try {
      return Passphrase.recipient(passphrase, LOG_N);
    } finally {
      Arrays.fill(passphrase, (byte) 0);
    }
  }

  private Sealer sealer(List<Recipient> recipients) {
    try {
      return new Sealer(recipients, random);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private static void seal(Sealer sealer, InputStream input, boolean armor, Output output)
      throws IOException {
    ArmorWriter armored = new ArmorWriter(output);
    Sink sealed = armor ? armored : output;
    try (ReadAhead ahead = new ReadAhead(input, 0)) {
      Piece piece;
      do {
        piece = ahead.next();
        sealer.update(piece.octets, 0, piece.length, sealed);
      } while (!piece.last);
    }
    sealer.finish(sealed);
    if (armor) {
      armored.finish();
    }
  }

  private void requireDifferent(FileOptions files) throws IOException {
    if (!isStandard(files.input())
        && !isStandard(files.output())
        && Files.exists(files.output())
        && Files.isSameFile(files.input(), files.output())) {
      throw usage("INPUT and OUT are the same file");
    }
  }

  private static boolean areLarge(FileOptions files) throws IOException {
    return !isStandard(files.input())
        && !isStandard(files.output())
        && LargeFile.suits(files.input(), files.output());
  }

  private InputStream input(FileOptions files) throws IOException {
    return isStandard(files.input()) ? in : Files.newInputStream(files.input());
  }

  private Output output(FileOptions files) {
    return isStandard(files.output()) ? Output.to(out) : Output.toFile(files.output());
  }

  private static boolean isStandard(Path file) {
    return file == null || file.toString().equals("-");
  }
}
