package io.postern.pipeline.work;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * When a worker reads again. What comes together is worked on together: one request to Kafka, and
 * one flush of the store, for many messages instead of one each. And senders who wait for their
 * {@code 250} in the same process come first, since what they have sent is nowhere safe yet; but no
 * mail waits long for that.
 */
final class Pace {
  /** What comes within this time of the last records is their company. */
  private static final Duration COMPANY = Duration.ofMillis(20);

  /** With so much at once there is company enough. */
  private static final int ENOUGH_BYTES = 256 * 1024;

  /** Between looks at whether senders still wait. */
  private static final Duration GLANCE = Duration.ofMillis(5);

  /** How long they come first, and then one reading does. */
  static final Duration MAX_COURTESY = Duration.ofSeconds(1);

  /** Mail that has waited longer is as urgent as theirs. */
  static final Duration LATE = Duration.ofSeconds(10);

  private final BooleanSupplier sendersWait;
  private final LongSupplier nanoTime;
  private long readNanos;
  private Duration gap = Duration.ZERO;
  private boolean late;

  /**
   * @param sendersWait whether mail is being taken in this process, so much that it takes its time
   * @param nanoTime {@link System#nanoTime}
   */
  Pace(BooleanSupplier sendersWait, LongSupplier nanoTime) {
    this.sendersWait = sendersWait;
    this.nanoTime = nanoTime;
    this.readNanos = nanoTime.getAsLong();
  }

  /**
   * Notes what was read just now.
   *
   * @param bytes of all records
   * @param age of the oldest, whatever where there is none
   */
  void read(long bytes, Duration age) {
    readNanos = nanoTime.getAsLong();
    gap = bytes > 0 && bytes < ENOUGH_BYTES ? COMPANY : Duration.ZERO;
    late = bytes > 0 && age.compareTo(LATE) > 0;
  }

  /** How long to wait before this is asked again; zero: read now. */
  Duration left() {
    Duration passed = Duration.ofNanos(nanoTime.getAsLong() - readNanos);
    boolean theyComeFirst =
        !late && passed.compareTo(MAX_COURTESY) < 0 && sendersWait.getAsBoolean();
    Duration least = theyComeFirst ? GLANCE : Duration.ZERO;
    Duration left = gap.minus(passed);
    return left.compareTo(least) < 0 ? least : left;
  }
}
