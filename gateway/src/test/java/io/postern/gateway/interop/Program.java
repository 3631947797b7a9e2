package io.postern.gateway.interop;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** Runs programs of the operating system, with a home directory of their own. */
final class Program {
  private static final long TIMEOUT_SECONDS = 120;

  private final Path home;

  Program(Path home) {
    this.home = home;
  }

  /** Skips the test, and says so, where a program is not installed. */
  static void require(String... names) {
    for (String name : names) {
      // Servers are not in everyone's path.
      String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
      boolean installed =
          Pattern.compile(File.pathSeparator)
              .splitAsStream(path)
              .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
      if (!installed) {
        System.err.println("SKIPPED: the program " + name + " is not installed");
        Assumptions.abort("the program " + name + " is not installed");
      }
    }
  }

  /** Skips the test, and says so, where this is not root. */
  static void requireRoot(String names) {
    if (!"root".equals(System.getProperty("user.name"))) {
      System.err.println("SKIPPED: " + names + " runs as root only");
      Assumptions.abort(names + " runs as root only");
    }
  }

  /** Gives a file to a user of the operating system. */
  static void own(Path file, String user) throws IOException {
    Files.setOwner(
        file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
  }

  /** Ends the server that has written its process's number there, if one has. */
  static void stop(Path pidFile) throws Exception {
    if (Files.exists(pidFile)) {
      ProcessHandle master =
          ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
      master.destroy();
      master.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  /** What a program said, and its exit code. */
  record Result(int exitCode, String output) {
    Result expectSuccess() {
      if (exitCode != 0) {
        throw new AssertionError("exit code " + exitCode + ":\n" + output);
      }
      return this;
    }
  }

  Result run(String... command) throws IOException, InterruptedException {
    return run(new byte[0], command);
  }

  /** Runs to the end; what it writes to standard output and error comes together. */
  Result run(byte[] input, String... command) throws IOException, InterruptedException {
    Path in = Files.write(Files.createTempFile(home, "in", ""), input);
    Path out = Files.createTempFile(home, "out", "");
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command))
            .directory(home.toFile())
            .redirectInput(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("HOME", home.toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(command[0] + " does not end:\n" + read(out));
      }
    } finally {
      process.destroyForcibly();
    }
    return new Result(process.exitValue(), read(out));
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  /** Writes a file that only its owner may read, as programs demand of those with passwords. */
  Path file(String name, String content) throws IOException {
    Path file =
        Files.createFile(
            home.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, content);
  }

  Path file(String name, byte[] content) throws IOException {
    return Files.write(home.resolve(name), content);
  }
}
