package io.postern.bench.scaling;

import java.util.function.BooleanSupplier;

/** When a worker reads again, as {@code io.postern.pipeline.work.Pace} settles it (ADR 14). */
final class Pace {
  /** A worker reads so much at once, in octets. */
  static final double READ_OCTETS = 2 << 20;

  private static final double COMPANY_S = 0.020;
  private static final double ENOUGH_OCTETS = 256 << 10;
  private static final double GLANCE_S = 0.005;
  private static final double MAX_COURTESY_S = 1;
  private static final double LATE_S = 10;

  /** What is left over by rounding would never pass. */
  private static final double CLOCK_S = 1e-6;

  private final BooleanSupplier sendersWait;
  private final Clock clock;
  private double readAt;
  private double gap;
  private boolean late;

  Pace(BooleanSupplier sendersWait, Clock clock) {
    this.sendersWait = sendersWait;
    this.clock = clock;
  }

  /**
   * Notes what was read just now.
   *
   * @param octets of all messages; 0: there was nothing
   * @param ageSeconds of the oldest
   */
  void read(double octets, double ageSeconds) {
    readAt = clock.now();
    gap = octets > 0 && octets < ENOUGH_OCTETS ? COMPANY_S : 0;
    late = octets > 0 && ageSeconds > LATE_S;
  }

  /** How long to wait before this is asked again; 0: read now. */
  double leftSeconds() {
    double passed = clock.now() - readAt;
    boolean theyComeFirst = !late && passed < MAX_COURTESY_S && sendersWait.getAsBoolean();
    double left = Math.max(gap - passed, theyComeFirst ? GLANCE_S : 0);
    return left < CLOCK_S ? 0 : left;
  }
}
