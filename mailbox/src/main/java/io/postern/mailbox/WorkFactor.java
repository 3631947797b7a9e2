package io.postern.mailbox;

import io.postern.age.Passphrase;
import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * How much work a new password costs to try: about a quarter of a second on this machine, and at
 * most 64 MiB of memory.
 */
public final class WorkFactor {
  /** 64 MiB: scrypt takes 1024 × 2^logN octets. */
  public static final int MAX_LOG_N = 16;

  /** 4 MiB: weaker machines wait longer rather than guard less. */
  public static final int MIN_LOG_N = 12;

  private static final int PROBE_LOG_N = 12;
  private static final int PROBES = 4;
  private static final double TARGET_NANOS = 250e6;

  private WorkFactor() {}

  /**
   * Measures this machine: some 50 ms, in a fresh JVM half a second.
   *
   * @param nanoClock {@code System::nanoTime}
   * @return the base-2 logarithm of the work factor
   */
  public static int calibrate(LongSupplier nanoClock, SecureRandom random) {
    var probe = Passphrase.recipient(new byte[] {'p'}, PROBE_LOG_N);
    byte[] fileKey = new byte[16];
    long best = Long.MAX_VALUE;
    // The first ones warm up, and the machine may be busy: the fastest is nearest to the truth.
    for (int i = 0; i < PROBES; i++) {
      long start = nanoClock.getAsLong();
      probe.wrap(fileKey, random);
      best = Math.min(best, nanoClock.getAsLong() - start);
    }
    return forProbe(best);
  }

  /** Each step doubles the time; the step nearest to the target is taken. */
  static int forProbe(long probeNanos) {
    double steps = Math.log(TARGET_NANOS / Math.max(1, probeNanos)) / Math.log(2);
    return Math.max(MIN_LOG_N, Math.min(MAX_LOG_N, PROBE_LOG_N + (int) Math.round(steps)));
  }
}
