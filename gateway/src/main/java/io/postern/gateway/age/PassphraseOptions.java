package io.postern.gateway.age;

import io.postern.gateway.CommandFailure;
import io.postern.gateway.Prompt;
import io.postern.gateway.cli.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;

/** Where a passphrase comes from: a file, or else the terminal. Never an argument. */
record PassphraseOptions(Supplier<Boolean> passphrase, Supplier<Path> file) {
  /** None is given. */
  static final PassphraseOptions NONE = new PassphraseOptions(() -> false, () -> null);

  static PassphraseOptions of(Options options) {
    return new PassphraseOptions(
        options.flag(
            "Use a passphrase; it is asked for without --passphrase-file.", "-p", "--passphrase"),
        options.file(
            "FILE",
            "Read the passphrase from a file, less one line end at its end.",
            "--passphrase-file"));
  }

  /** Whether the file itself is to be sealed or opened with a passphrase. */
  boolean wanted() {
    return passphrase.get() || file.get() != null;
  }

  /** The passphrase of something that exists; the caller wipes it. */
  byte[] read(String what) throws IOException {
    return file.get() == null ? terminal().secret("Passphrase of " + what) : readFile();
  }

  /** A passphrase for something new, not empty; the caller wipes it. */
  byte[] readNew() throws IOException {
    byte[] secret = file.get() == null ? terminal().newSecret("New passphrase") : readFile();
    if (secret.length == 0) {
      throw new CommandFailure("the passphrase is empty");
    }
    return secret;
  }

  private byte[] readFile() throws IOException {
    byte[] content = Files.readAllBytes(file.get());
    int length = content.length;
    if (length > 0 && content[length - 1] == '\n') {
      length--;
      if (length > 0 && content[length - 1] == '\r') {
        length--;
      }
    }
    byte[] secret = Arrays.copyOf(content, length);
    Arrays.fill(content, (byte) 0);
    return secret;
  }

  private static Prompt terminal() {
    return Prompt.fromTerminal("give --passphrase-file");
  }
}
