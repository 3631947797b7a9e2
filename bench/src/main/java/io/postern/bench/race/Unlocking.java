package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mailbox.WorkFactor;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * How long it takes to open a mailbox with its password. The race leaves it out; here it is, with
 * the work factor that {@code postern mailbox create} takes on this machine.
 *
 * @param logN base-2 logarithm of the work factor
 * @param defaultMs from USER to PASS's reply, with it
 * @param cheapMs the same for the mailboxes of the race: everything but the key derivation
 */
record Unlocking(int logN, double defaultMs, double cheapMs) {
  private static final int LOGINS = 20;

  /** Makes one more mailbox beside those of the race, and logs in to both kinds. */
  static Unlocking measure(LoadProgram load, PosternProcess postern, Path data) {
    int logN = WorkFactor.calibrate(System::nanoTime, new SecureRandom());
    int number = Work.MAX_MAILBOXES;
    Mailboxes.make(data, number, number + 1, logN);
    return new Unlocking(
        logN,
        medianMs(load.logins(postern, number, LOGINS)),
        medianMs(load.logins(postern, 0, LOGINS)));
  }

  private static double medianMs(JsonNode logins) {
    return logins.at("/user_pass/p50_ms").asDouble();
  }

  /** For under the table. */
  String note() {
    return "Unlocking a mailbox with the work factor of `mailbox create` (2^%d): %s ms, median of %d;"
            .formatted(logN, Figure.format(defaultMs), LOGINS)
        + " the mailboxes of the race, without it: %s ms.".formatted(Figure.format(cheapMs));
  }
}
