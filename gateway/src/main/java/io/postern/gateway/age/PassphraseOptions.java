package io.postern.gateway.age;

import io.postern.gateway.CommandFailure;
import java.io.Console;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
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
    return file == null ? ask("Passphrase of " + what) : readFile();
  }

  /** A passphrase for something new, not empty; the caller wipes it. */
  byte[] readNew() throws IOException {
    byte[] secret = file == null ? askTwice() : readFile();
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

  private static byte[] askTwice() {
    byte[] first = ask("New passphrase");
    byte[] second = ask("The same again");
    boolean same = Arrays.equals(first, second);
    Arrays.fill(second, (byte) 0);
    if (!same) {
      Arrays.fill(first, (byte) 0);
      throw new CommandFailure("the two passphrases differ");
    }
    return first;
  }

  private static byte[] ask(String prompt) {
    Console console = System.console();
    char[] typed = console == null ? null : console.readPassword("%s: ", prompt);
    if (typed == null) {
      throw new CommandFailure("no terminal to ask for the passphrase: give --passphrase-file");
    }
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(typed));
    byte[] secret = Arrays.copyOf(encoded.array(), encoded.limit());
    Arrays.fill(encoded.array(), (byte) 0);
    Arrays.fill(typed, '\0');
    return secret;
  }
}
