package io.postern.gateway.recovery;

import io.postern.pipeline.CopyTable.Entry;
import io.postern.pipeline.CopyTable.Sign;
import java.util.Locale;

/** What has become of a message's copy, as ledger, topics and object store together say. */
enum Verdict {
  STORED("its object is in the store"),
  DELETED("its owner has deleted it"),
  UNDER_WAY("it waits for a worker"),
  DEAD("it is a dead letter, or was one and was discarded"),
  /** Whatever became of it: its mailbox was deleted. */
  GONE("its mailbox is gone"),
  /** The deletion was written down and not done, or an old object came back from a backup. */
  UNDELETED("its owner has deleted it, but the object is in the store"),
  TWICE("there are two objects of it"),
  MISSING("it was stored and not deleted, but the object is not in the store"),
  LOST("it was taken, but is neither stored, nor under way, nor dead"),
  DAMAGED("its object has not the size that it must have");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /** In words, for people. */
  String word() {
    return key().replace('_', ' ');
  }

  /** For scripts. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether mail is missing. */
  boolean isAmiss() {
    return switch (this) {
      case MISSING, LOST, DAMAGED -> true;
      case STORED, DELETED, UNDER_WAY, DEAD, GONE, UNDELETED, TWICE -> false;
    };
  }

  /** Whether nothing is amiss, but it is worth a line. */
  boolean isNotable() {
    return this == UNDELETED || this == TWICE;
  }

  /**
   * About a copy in a mailbox that exists.
   *
   * @param messageDead whether the message is dead as a whole
   */
  static Verdict of(Entry copy, boolean messageDead) {
    boolean there = copy.has(Sign.OBJECT);
    if (copy.has(Sign.DELETED)) {
      return there ? UNDELETED : DELETED;
    }
    if (there) {
      boolean damaged = copy.has(Sign.WRONG_SIZE) || copy.has(Sign.IMPOSSIBLE_SIZE);
      return damaged ? DAMAGED : copy.has(Sign.TWICE) ? TWICE : STORED;
    }
    if (copy.has(Sign.STORED)) {
      return MISSING;
    }
    if (copy.has(Sign.UNDER_WAY)) {
      return UNDER_WAY;
    }
    return messageDead || copy.has(Sign.DEAD) ? DEAD : LOST;
  }
}
