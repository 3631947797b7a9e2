package io.postern.pop3;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.mailbox.SealedIdentity;
import io.postern.protocol.pop3.MaildropException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens identities with passwords. That is dear on purpose: scrypt takes 1024 × 2^logN octets of
 * memory and a good part of a second, so it has a pool of its own, as small as the memory demands.
 */
final class Unlocker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Unlocker.class);

  private final Workers workers;
  private final int maxLogN;
  private final byte[] decoy;

  /**
   * An unlocker.
   *
   * @param limits of memory and waiting
   */
  Unlocker(UnlockLimits limits, MeterRegistry registry, SecureRandom random) {
    this.workers =
        new Workers("pop3-unlock", limits.threads(), limits.maxWaitingLogins(), registry);
    this.maxLogN = limits.maxLogN();
    this.decoy = SealedIdentity.decoy(limits.usualLogN(), random);
  }

  /**
   * Opens a mailbox's identity.
   *
   * @param sealed absent where there is no such mailbox: that takes as long as a wrong password
   * @param mailbox what logs call it
   * @param password wiped when done
   * @return the identities, on a thread of the pool; fails with CREDENTIALS or TEMPORARY
   */
  CompletionStage<List<Identity>> unlock(Optional<byte[]> sealed, String mailbox, byte[] password) {
    return workers
        .begin(() -> unlockNow(sealed, mailbox, password))
        .whenComplete((identities, failure) -> Arrays.fill(password, (byte) 0));
  }

  private List<Identity> unlockNow(Optional<byte[]> sealed, String mailbox, byte[] password)
      throws AgeException, MaildropException {
    try {
      Optional<List<Identity>> identities =
          SealedIdentity.unlock(sealed.orElse(decoy), password, maxLogN);
      return identities.orElseThrow(
          () -> new MaildropException(MaildropException.Category.CREDENTIALS, null));
    } catch (AgeException e) {
      LOG.error("the identity of mailbox {} does not open: {}", mailbox, e.getMessage());
      SealedIdentity.unlock(decoy, password, maxLogN);
      throw new MaildropException(MaildropException.Category.CREDENTIALS, e);
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
