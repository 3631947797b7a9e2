package io.postern.gateway.age;

import io.postern.gateway.CommandFailure;
import io.postern.gateway.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.Option;

/** Where a passphrase comes from: a file, or else the terminal. Never an argument. */
final class PassphraseOptions {
  @Option(
      names = {"-p", "--passphrase"},
      description = "Use a passphrase; it is asked for without --passphrase-file.")
  private boolean passphrase;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "Read the passphrase from a file, less one line end at its end.")
  private Path file;

  /** Whether the file itself is to be sealed or opened with a passphrase. */
  boolean wanted() {
    return passphrase || file != null;
  }

  /** The passphrase of something that exists; the caller wipes it. */
  byte[] read(String what) throws IOException {
    return file == null ? terminal().secret("Passphrase of " + what) : readFile();
  }

  /** A passphrase for something new, not empty; the caller wipes it. */
  byte[] readNew() throws IOException {
    byte[] secret = file == null ? terminal().newSecret("New passphrase") : readFile();
    if (secret.length == 0) {
      throw new CommandFailure("the passphrase is empty");
    }
    return secret;
  }

  private byte[] readFile() throws IOException {
    byte[] content = Files.readAllBytes(file);
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
