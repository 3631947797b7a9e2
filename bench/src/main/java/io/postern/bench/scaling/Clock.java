package io.postern.bench.scaling;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Simulated time: runs what is due, in order. */
final class Clock {
  private record Event(double at, long order, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingDouble(Event::at).thenComparingLong(Event::order));
  private long order;
  private double now;

  /** Seconds since the beginning. */
  double now() {
    return now;
  }

  void after(double seconds, Runnable action) {
    events.add(new Event(now + seconds, order++, action));
  }

  /** Runs until this time, or until nothing is left to happen. */
  void run(double until) {
    while (!events.isEmpty() && events.peek().at <= until) {
      Event next = events.poll();
      now = next.at;
      next.action.run();
    }
  }
}
