package io.postern.pop3;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.postern.protocol.pop3.MaildropException;
import java.util.Locale;

/** What the POP3 service counts, beside connections and pools. No label names a mailbox. */
final class Pop3Meters {
  private final MeterRegistry registry;
  private final Counter logins;
  private final Counter fetched;
  private final Counter fetchedAhead;
  private final Counter deleted;
  private final Counter damaged;

  Pop3Meters(MeterRegistry registry) {
    this.registry = registry;
    this.logins = registry.counter("postern.pop3.logins", "result", "ok");
    this.fetched = registry.counter("postern.pop3.messages.fetched");
    this.fetchedAhead = registry.counter("postern.pop3.messages.fetched.ahead");
    this.deleted = registry.counter("postern.pop3.messages.deleted");
    this.damaged = registry.counter("postern.pop3.messages.damaged");
  }

  void loggedIn() {
    logins.increment();
  }

  void loginFailed(MaildropException.Category category) {
    String result = category.name().toLowerCase(Locale.ROOT);
    registry.counter("postern.pop3.logins", "result", result).increment();
  }

  /** A message has been given out whole. */
  void fetched() {
    fetched.increment();
  }

  /** A message was there before it was asked for. */
  void fetchedAhead() {
    fetchedAhead.increment();
  }

  void deleted(int messages) {
    deleted.increment(messages);
  }

  void damaged() {
    damaged.increment();
  }
}
