package io.postern.pop3;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds failed logins per client network: a bucket of tokens, of which a login takes one and gives
 * it back when it succeeds. Remembers a bounded number of networks. Thread-safe.
 */
final class LoginThrottle {
  private static final int MAX_NETWORKS = 10_000;

  /** The tokens of one network, and when they were counted. */
  private record Bucket(double tokens, Instant at) {}

  private final int burst;
  private final Duration refill;
  private final InstantSource clock;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MAX_NETWORKS;
        }
      };

  /**
   * A throttle.
   *
   * @param burst how many logins may fail in a row
   * @param refill how long until one more may
   */
  LoginThrottle(int burst, Duration refill, InstantSource clock) {
    this.burst = burst;
    this.refill = refill;
    this.clock = clock;
  }

  /** Takes a token for a login, or says that there is none. */
  synchronized boolean admit(String ip) {
    double tokens = tokens(ip);
    if (tokens < 1) {
      return false;
    }
    keep(ip, tokens - 1);
    return true;
  }

  /** The login succeeded. */
  synchronized void succeeded(String ip) {
    keep(ip, tokens(ip) + 1);
  }

  private double tokens(String ip) {
    Bucket bucket = buckets.get(network(ip));
    if (bucket == null) {
      return burst;
    }
    double refilled =
        (double) Duration.between(bucket.at, clock.instant()).toMillis() / refill.toMillis();
    return Math.min(burst, bucket.tokens + Math.max(0, refilled));
  }

  private void keep(String ip, double tokens) {
    if (tokens >= burst) {
      buckets.remove(network(ip));
    } else {
      buckets.put(network(ip), new Bucket(tokens, clock.instant()));
    }
  }

  /** An IPv4 address, or the first 64 bits of an IPv6 address, of which one client has them all. */
  private static String network(String ip) {
    String[] groups = ip.split(":");
    return groups.length < 5 ? ip : String.join(":", groups[0], groups[1], groups[2], groups[3]);
  }
}
