package io.postern.age;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The file keys that this process has wrapped a moment ago, each for whoever opens its file first:
 * where one process seals and opens, the opening need not begin with a decapsulation. An identity
 * to be tried before the others; the header's MAC is checked with the key that it finds, as with
 * theirs. Thread-safe.
 */
public final class FreshKeys implements Identity {
  /** Some 300 octets each. */
  static final int MAX_KEYS = 16_384;

  /** After this a key may make room for others: its file is opened by other means, or never. */
  static final Duration FRESH = Duration.ofMinutes(1);

  private final LongSupplier nanoTime;

  /** By what the key was wrapped to, which no two files share; the oldest first. */
  private final Map<ByteBuffer, Noted> keys = new LinkedHashMap<>();

  private record Noted(byte[] fileKey, long nanos) {}

  public FreshKeys() {
    this(System::nanoTime);
  }

  FreshKeys(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** As that recipient, and what it wraps is noted here. */
  public Recipient noting(Recipient recipient) {
    return (fileKey, random) -> note(recipient, fileKey, random);
  }

  private Stanza note(Recipient recipient, byte[] fileKey, SecureRandom random) {
    Stanza stanza = recipient.wrap(fileKey, random);
    synchronized (keys) {
      if (hasRoom()) {
        keys.put(ByteBuffer.wrap(stanza.body()), new Noted(fileKey.clone(), nanoTime.getAsLong()));
      }
    }
    return stanza;
  }

  /** Where all is full of fresh keys they stay: the oldest file is opened first. */
  private boolean hasRoom() {
    if (keys.size() < MAX_KEYS) {
      return true;
    }
    Iterator<Noted> oldest = keys.values().iterator();
    Noted first = oldest.next();
    if (nanoTime.getAsLong() - first.nanos < FRESH.toNanos()) {
      return false;
    }
    Arrays.fill(first.fileKey, (byte) 0);
    oldest.remove();
    return true;
  }

  @Override
  public Optional<byte[]> unwrap(List<Stanza> stanzas) {
    synchronized (keys) {
      for (Stanza stanza : stanzas) {
        Noted noted = keys.remove(ByteBuffer.wrap(stanza.body()));
        if (noted != null) {
          return Optional.of(noted.fileKey);
        }
      }
      return Optional.empty();
    }
  }

  @Override
  public void wipe() {
    synchronized (keys) {
      keys.values().forEach(noted -> Arrays.fill(noted.fileKey, (byte) 0));
      keys.clear();
    }
  }
}
