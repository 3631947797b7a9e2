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
   * @param sealed absent where there is no such mailbox
   * @param lookalike another mailbox's, tried instead of an absent one, so that both take the same
   *     time; whatever the password does there, the login fails
   * @param mailbox what logs call it
   * @param password wiped when done
   * @return the identities, on a thread of the pool; fails with CREDENTIALS or TEMPORARY
   */
  CompletionStage<List<Identity>> unlock(
      Optional<byte[]> sealed, Optional<byte[]> lookalike, String mailbox, byte[] password) {
    return workers
        .begin(
            () ->
                sealed.isPresent()
                    ? unlockNow(sealed.get(), mailbox, password)
                    : refuse(lookalike.orElse(decoy), password))
        .whenComplete((identities, failure) -> Arrays.fill(password, (byte) 0));
  }

  private List<Identity> unlockNow(byte[] sealed, String mailbox, byte[] password)
      throws AgeException, MaildropException {
    try {
      return SealedIdentity.unlock(sealed, password, maxLogN).orElseThrow(Unlocker::wrongPassword);
    } catch (AgeException e) {
      LOG.error("the identity of mailbox {} does not open: {}", mailbox, e.getMessage());
      SealedIdentity.unlock(decoy, password, maxLogN);
      throw wrongPassword();
    }
  }

  /** Does the work of a login and opens nothing. */
  private List<Identity> refuse(byte[] lookalike, byte[] password)
      throws AgeException, MaildropException {
    unlockNow(lookalike, "none", password).forEach(Identity::wipe);
    throw wrongPassword();
  }

  private static MaildropException wrongPassword() {
    return new MaildropException(MaildropException.Category.CREDENTIALS, null);
  }

  @Override
  public void close() {
    workers.close();
  }
}
