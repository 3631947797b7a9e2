package io.postern.pop3;

import io.postern.age.Identity;
import java.util.List;

/** The identities that a password has unlocked, for as long as the session lasts. Thread-safe. */
final class SessionKeys {
  private final List<Identity> identities;
  private volatile boolean wiped;

  SessionKeys(List<Identity> identities) {
    this.identities = identities;
  }

  List<Identity> identities() {
    return identities;
  }

  /** Whether a file that does not open may be sound, and only the key gone. */
  boolean wiped() {
    return wiped;
  }

  void wipe() {
    wiped = true;
    identities.forEach(Identity::wipe);
  }
}
