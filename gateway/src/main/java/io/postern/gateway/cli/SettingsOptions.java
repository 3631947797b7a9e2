package io.postern.gateway.cli;

import io.postern.gateway.config.Settings;
import io.postern.gateway.config.SettingsException;
import io.postern.gateway.config.SettingsReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The options by which a command finds its settings. */
public final class SettingsOptions {
  private static final String CONFIG =
      "Settings; otherwise postern.yaml in the working directory, if there is one.";
  private static final String DATA = "The data directory; overrides the setting.";

  @Option(names = "--config", paramLabel = "FILE", description = CONFIG)
  private Path file;

  @Option(names = "--data", paramLabel = "DIR", description = DATA)
  private Path data;

  /**
   * For a command without annotations, which reads the settings when it runs.
   *
   * @param defaults by key, where they differ from the usual ones
   */
  public static Supplier<Settings> of(Options options, Map<String, String> defaults) {
    Supplier<Path> file = options.file("FILE", CONFIG, "--config");
    Supplier<Path> data = options.file("DIR", DATA, "--data");
    return () -> read(file.get(), data.get(), defaults);
  }

  /**
   * Reads them.
   *
   * @throws SettingsException in one line what is wrong
   */
  public Settings read() {
    return read(file, data, Map.of());
  }

  private static Settings read(Path file, Path data, Map<String, String> defaults) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (data != null) {
      environment.put("POSTERN_DATA", data.toString());
    }
    return new SettingsReader(environment, defaults).read(file);
  }
}
