package io.postern.pipeline.work;

import java.util.ArrayList;
import java.util.List;

/** One attempt at a message, from its first slice to its end: what a lane knows of it. */
final class Attempt {
  /** What is to be done once, however many attempts there are: the message, or one copy of it. */
  final String unit;

  final String token;
  final long firstOffset;
  final long heldBytes;

  /** All its records so far. */
  final List<Long> offsets = new ArrayList<>(1);

  long lastTimestampMs;

  /** Whether its last slice has been read. */
  boolean complete;

  /** Whether all of it has been read, and whether it counts is open. */
  boolean prepared;

  /** Whether its sender vanished while that was open: it is kept. */
  boolean unconfirmed;

  /** What has it in hand, or null while it waits. */
  Job job;

  /** The slice that the job needs next. */
  int nextSequence;

  /** Whether the job has all the octets: of what follows, nothing is missed. */
  boolean contentTaken;

  /** Why it goes to the dead letters, or null. */
  DeadReason dead;

  Attempt(String unit, String token, long firstOffset, long heldBytes) {
    this.unit = unit;
    this.token = token;
    this.firstOffset = firstOffset;
    this.heldBytes = heldBytes;
  }

  void note(Delivery delivery) {
    offsets.add(delivery.offset());
    lastTimestampMs = delivery.record().timestamp();
    complete |= delivery.isLast();
    prepared |= delivery.isPrepared();
    // An outcome that comes late still counts, so long as nothing was made of its absence.
    unconfirmed &= !complete;
  }

  /** Whether nothing more is needed from its sender. */
  boolean isWhole() {
    return complete || unconfirmed;
  }

  long lastOffset() {
    return offsets.get(offsets.size() - 1);
  }
}
