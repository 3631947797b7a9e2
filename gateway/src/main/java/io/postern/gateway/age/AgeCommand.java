package io.postern.gateway.age;

import io.postern.age.ArmorWriter;
import io.postern.age.Keys;
import io.postern.age.Passphrase;
import io.postern.age.Recipient;
import io.postern.age.Sealer;
import io.postern.age.Sink;
import io.postern.gateway.CommandFailure;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postern age}: the age v1 format alone, for recovery and for tests. What goes wrong is
 * thrown as a {@link CommandFailure}, after everything authentic has been written.
 */
@Command(
    name = "age",
    description = "Makes keys, seals and opens files in the age format, as mail is kept in.",
    synopsisSubcommandLabel = "COMMAND")
public final class AgeCommand {
  /** What the age tool takes, too: about a second and 256 MiB. */
  private static final int LOG_N = 18;

  private final InputStream in;
  private final OutputStream out;
  private final SecureRandom random;

  @Spec private CommandSpec spec;

  /** Works on the process's standard input and output. */
  public AgeCommand() {
    // Not System.out, which keeps errors (a full disk, a closed pipe) to itself.
    this(System.in, new FileOutputStream(FileDescriptor.out), new SecureRandom());
  }

  AgeCommand(InputStream in, OutputStream out, SecureRandom random) {
    this.in = in;
    this.out = out;
    this.random = random;
  }

  /** From where to where; {@code -} is standard input or output, too. */
  static final class FileOptions {
    @Option(
        names = {"-o", "--output"},
        paramLabel = "OUT",
        description = "The file to write; otherwise standard output.")
    private Path output;

    @Parameters(
        arity = "0..1",
        paramLabel = "INPUT",
        description = "The file to read; otherwise standard input.")
    private Path input;
  }

  /** What is to be done with open files. */
  private interface Work {
    void run() throws IOException;
  }

  @Command(description = "Makes an identity, which opens what is sealed to its public key.")
  int keygen(
      @Option(
              names = "--classic",
              description = "X25519, which older age tools read, instead of post-quantum keys.")
          boolean classic,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "OUT",
              description = "A new file to write, for its owner only; otherwise standard output.")
          Path file) {
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

  @Command(description = "Seals a file to recipients or with a passphrase.")
  int encrypt(
      @Option(
              names = {"-r", "--recipient"},
              paramLabel = "RECIPIENT",
              description = "A public key, age1…; repeatable.")
          List<String> recipients,
      @Option(
              names = {"-R", "--recipients-file"},
              paramLabel = "FILE",
              description = "A file of public keys, one a line; repeatable.")
          List<Path> recipientsFiles,
      @Mixin PassphraseOptions passphrase,
      @Option(
              names = {"-a", "--armor"},
              description = "Write ASCII armor.")
          boolean armor,
      @Mixin FileOptions files) {
    boolean toKeys = recipients != null || recipientsFiles != null;
    if (toKeys == passphrase.wanted()) {
      throw usage("give either recipients (-r, -R) or a passphrase (-p)");
    }
    return run(
        () -> {
          requireDifferent(files);
          Sealer sealer =
              sealer(
                  toKeys
                      ? recipients(orEmpty(recipients), orEmpty(recipientsFiles))
                      : List.of(passphraseRecipient(passphrase)));
          if (!armor && areLarge(files)) {
            try (LargeFile file = new LargeFile(files.input, files.output)) {
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

  @Command(
      description = {
        "Opens a file. Exit code 0 says that all of it was authentic; what was authentic before any"
            + " damage is written in any case."
      })
  int decrypt(
      @Option(
              names = {"-i", "--identity"},
              paramLabel = "IDENTITY-FILE",
              description =
                  "A file of identities, which may be sealed with a passphrase; repeatable.")
          List<Path> identityFiles,
      @Mixin PassphraseOptions passphrase,
      @Option(
              names = "--max-work-factor",
              paramLabel = "N",
              defaultValue = "" + Passphrase.DEFAULT_MAX_LOG_N,
              description =
                  "Refuse passphrases that take more than 2^N work and 2^N KiB of memory"
                      + " (default: ${DEFAULT-VALUE}).")
          int maxLogN,
      @Mixin FileOptions files) {
    if (identityFiles == null && !passphrase.wanted()) {
      throw usage("give identities (-i) or a passphrase (-p)");
    }
    if (maxLogN < 1 || maxLogN > Passphrase.MAX_LOG_N) {
      throw usage("--max-work-factor is from 1 to " + Passphrase.MAX_LOG_N);
    }
    return run(
        () -> {
          requireDifferent(files);
          try (IdentityRing identities = new IdentityRing(passphrase, maxLogN)) {
            if (areLarge(files) && !Unsealing.isArmor(files.input)) {
              try (LargeFile file = new LargeFile(files.input, files.output)) {
                identities.add(orEmpty(identityFiles));
                file.open(identities.identities());
              }
              return;
            }
            try (InputStream input = input(files);
                Output output = output(files)) {
              identities.add(orEmpty(identityFiles));
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
    if (!isStandard(files.input)
        && !isStandard(files.output)
        && Files.exists(files.output)
        && Files.isSameFile(files.input, files.output)) {
      throw usage("INPUT and OUT are the same file");
    }
  }

  private static boolean areLarge(FileOptions files) throws IOException {
    return !isStandard(files.input)
        && !isStandard(files.output)
        && LargeFile.suits(files.input, files.output);
  }

  private InputStream input(FileOptions files) throws IOException {
    return isStandard(files.input) ? in : Files.newInputStream(files.input);
  }

  private Output output(FileOptions files) {
    return isStandard(files.output) ? Output.to(out) : Output.toFile(files.output);
  }

  private static boolean isStandard(Path file) {
    return file == null || file.toString().equals("-");
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }
}
