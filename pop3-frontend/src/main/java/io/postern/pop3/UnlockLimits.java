package io.postern.pop3;

/**
 * What unlocking identities may take.
 *
 * @param threads how many are unlocked at a time
 * @param maxWaitingLogins how many logins may wait for one of them; more are refused for now
 * @param usualLogN the work factor of new mailboxes, as a base-2 logarithm: a login where there is
 *     no mailbox at all takes as long
 * @param maxLogN the largest work factor accepted
 */
public record UnlockLimits(int threads, int maxWaitingLogins, int usualLogN, int maxLogN) {
  private static final int USUAL_LOG_N = 16;
  private static final int MAX_WAITING_LOGINS = 256;
  private static final long USUAL_BYTES = memoryBytes(USUAL_LOG_N);

  public UnlockLimits {
    if (threads < 1 || maxWaitingLogins < 1 || usualLogN < 1 || maxLogN < usualLogN) {
      throw new IllegalArgumentException("no login would be possible");
    }
  }

  /**
   * What fits the machine: an eighth of the heap for usual unlocking, and never more than half of
   * it where all threads meet the largest work factor.
   *
   * @param maxLogN the largest work factor that is wanted
   */
  public static UnlockLimits fitting(int cores, long maxHeapBytes, int maxLogN) {
    int threads = (int) Math.max(1, Math.min(cores, maxHeapBytes / 8 / USUAL_BYTES));
    int affordable = maxLogN;
    while (affordable > USUAL_LOG_N && memoryBytes(affordable) * threads > maxHeapBytes / 2) {
      affordable--;
    }
    return new UnlockLimits(threads, MAX_WAITING_LOGINS, USUAL_LOG_N, affordable);
  }

  /** RFC 7914: 128 × r × N octets, with r = 8. */
  private static long memoryBytes(int logN) {
    return 1024L << logN;
  }
}
