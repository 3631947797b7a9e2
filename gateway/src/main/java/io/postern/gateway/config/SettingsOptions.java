package io.postern.gateway.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which a command finds its settings. */
public final class SettingsOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings; otherwise postern.yaml in the working directory, if there is one.")
  private Path file;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data directory; overrides the setting.")
  private Path data;

  /**
   * Reads them.
   *
   * @throws SettingsException in one line what is wrong
   */
  public Settings read() {
    return read(Map.of());
  }

  /**
   * Reads them.
   *
   * @param defaults by key, where they differ from the usual ones
   * @throws SettingsException in one line what is wrong
   */
  public Settings read(Map<String, String> defaults) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (data != null) {
      environment.put("POSTERN_DATA", data.toString());
    }
    return new SettingsReader(environment, defaults).read(file);
  }
}
