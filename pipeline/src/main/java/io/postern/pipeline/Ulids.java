package io.postern.pipeline;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Makes ULIDs in lower case: 48 bits of milliseconds and 80 random bits in Crockford's base 32, so
 * that their order as text is their order in time. Within one millisecond, and where the clock
 * steps back, the random part counts up: ids of one source never go backwards. Thread-safe.
 */
public final class Ulids {
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 26;
  private static final long RANDOM_HIGH_MASK = 0xffff;

  private final InstantSource clock;
  private final SecureRandom random;
  private long lastMillis = -1;

  /** The upper 16 and the lower 64 of the random bits. */
  private long high;

  private long low;

  public Ulids(InstantSource clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  public synchronized String next() {
    long now = clock.millis();
    if (now > lastMillis) {
      lastMillis = now;
      high = random.nextLong() & RANDOM_HIGH_MASK;
      low = random.nextLong();
    } else if (++low == 0) {
      high++;
      if (high > RANDOM_HIGH_MASK) {
        high = 0;
        lastMillis++;
      }
    }
    return text(lastMillis << 16 | high, low);
  }

  /** Whether {@code text} is a ULID as {@link #next} makes them. */
  public static boolean isUlid(String text) {
    if (text.length() != LENGTH || text.charAt(0) > '7') {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      if (DIGITS.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /** When a ULID was made. */
  public static Instant time(String ulid) {
    return Instant.ofEpochMilli(upperBits(ulid) >>> 16);
  }

  /** The ULID of 128 bits. */
  static String text(long upper, long lower) {
    char[] text = new char[LENGTH];
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = DIGITS.charAt((int) (lower & 31));
      lower = lower >>> 5 | upper << 59;
      upper >>>= 5;
    }
    return new String(text);
  }

  /** The upper 64 bits. */
  static long upperBits(String ulid) {
    long bits = 0;
    for (int i = 0; i < 13; i++) {
      bits = bits << 5 | DIGITS.indexOf(ulid.charAt(i));
    }
    // 13 digits are 65 bits, of which the first two are always zero: one bit of the next is
    // missing.
    return bits << 1 | DIGITS.indexOf(ulid.charAt(13)) >>> 4;
  }

  /** The lower 64 bits. */
  static long lowerBits(String ulid) {
    long bits = 0;
    for (int i = 13; i < LENGTH; i++) {
      bits = bits << 5 | DIGITS.indexOf(ulid.charAt(i));
    }
    return bits;
  }
}
