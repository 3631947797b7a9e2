package io.postern.gateway;

import io.postern.testkit.Trees;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * The classes that Postern loads, in the form in which processes of the JVM share them, for the
 * many that tests start: with it a start takes half the time. Made once for each JVM that runs
 * tests.
 */
final class ClassArchive {
  private static final String TESTS = "test-classes";

  private final Path folder;
  private final String classPath;
  private final Path archive;

  private ClassArchive(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    this.classPath = jars();
    this.archive = folder.resolve("classes.jsa");
    learn();
  }

  private static final class Holder {
    static final ClassArchive ARCHIVE = make();
  }

  /** The options of a JVM that is to run Postern. */
  static List<String> options() {
    return Holder.ARCHIVE.options("-XX:SharedArchiveFile=");
  }

  private static ClassArchive make() {
    try {
      Path folder = Files.createTempDirectory("postern-classes");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return new ClassArchive(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path folder) {
    try {
      Trees.delete(folder);
    } catch (IOException e) {
      System.err.println(folder + " is left over: " + e);
    }
  }

  private List<String> options(String use) {
    return List.of(use + archive, "-cp", classPath);
  }

  /** No archive holds classes from a folder. */
  private String jars() {
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (!Files.isDirectory(path)) {
        jars.add(entry);
      } else if (!path.endsWith(TESTS)) {
        jars.add(jar(path, folder.resolve(jars.size() + ".jar")));
      }
    }
    return String.join(File.pathSeparator, jars);
  }

  private static String jar(Path classes, Path jar) {
    int exitCode =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "cf", jar.toString(), "-C", classes.toString(), ".");
    if (exitCode != 0) {
      throw new IllegalStateException("no " + jar);
    }
    return jar.toString();
  }

  /** As the launcher does: the demo loads nearly all. */
  private void learn() throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    int exitCode =
        new ProcessBuilder(PosternProcess.java(options("-XX:ArchiveClassesAtExit="), "demo"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exitCode != 0 || !Files.exists(archive)) {
      throw new IOException("no archive of classes: " + Files.readString(log));
    }
  }
}
