package io.postern.bench.scaling;

import java.util.ArrayDeque;
import java.util.Deque;

/** What so many can use at a time while the others queue: cores, threads, calls to a store. */
final class Resource {
  private final String name;
  private final Clock clock;
  private final int slots;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int taken;
  private double busySlotSeconds;
  private double since;
  private double share = 1;

  Resource(String name, Clock clock, int slots) {
    this.name = name;
    this.clock = clock;
    this.slots = slots;
  }

  String name() {
    return name;
  }

  /** Runs the action once there is a slot, which it keeps until {@link #release}. */
  void acquire(Runnable action) {
    if (taken < slots) {
      account();
      taken++;
      action.run();
    } else {
      waiting.add(action);
    }
  }

  void release() {
    Runnable next = waiting.poll();
    if (next == null) {
      account();
      taken--;
    } else {
      next.run();
    }
  }

  /** From now on others have the rest: what is begun takes so much longer. */
  void leave(double share) {
    this.share = share;
  }

  /** Holds a slot for so long. */
  void use(double seconds, Runnable then) {
    acquire(
        () ->
            clock.after(
                seconds / share,
                () -> {
                  release();
                  then.run();
                }));
  }

  private void account() {
    busySlotSeconds += taken * (clock.now() - since);
    since = clock.now();
  }

  /** The part of all slots' time that was used so far, 0 to 1. */
  double utilisation() {
    account();
    return clock.now() == 0 ? 0 : busySlotSeconds / (slots * clock.now());
  }
}
