package io.postern.gateway;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** How much is logged. */
final class LogLevels {
  private LogLevels() {}

  /** Services say more than commands, where {@code POSTERN_LOG} does not settle it. */
  static void ofService() {
    if (System.getenv("POSTERN_LOG") == null) {
      ((Logger) LoggerFactory.getLogger("io.postern")).setLevel(Level.INFO);
    }
  }
}
