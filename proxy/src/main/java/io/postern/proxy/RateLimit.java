package io.postern.proxy;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each client address may do something: as many times at once as in a minute, and then in
 * step with time. Remembers a bounded number of addresses, those of late. Thread-safe.
 */
final class RateLimit {
  private static final int MAX_ADDRESSES = 10_000;
  private static final double MINUTE_MS = 60_000;

  private final int perMinute;
  private final InstantSource clock;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  /** What an address has left, and since when. */
  private record Bucket(double left, long atMs) {}

  RateLimit(int perMinute, InstantSource clock) {
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /** Counts once more, or says that it is once too often. */
  synchronized boolean admits(String ip) {
    long now = clock.millis();
    Bucket bucket = buckets.getOrDefault(ip, new Bucket(perMinute, now));
    double refilled = bucket.left() + Math.max(0, now - bucket.atMs()) * perMinute / MINUTE_MS;
    double left = Math.min(perMinute, refilled);
    boolean admitted = left >= 1;
    buckets.put(ip, new Bucket(admitted ? left - 1 : left, now));
    return admitted;
  }
}
