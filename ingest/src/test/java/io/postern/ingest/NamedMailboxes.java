package io.postern.ingest;

import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import java.time.Instant;
import java.util.Optional;

/** Everyone at example.org has a mailbox, but for those whose name says otherwise. */
final class NamedMailboxes implements Directory {
  volatile boolean ready = true;
  volatile boolean empty;

  @Override
  public Optional<Mailbox> byAddress(String address) {
    String name = address.substring(0, Math.max(0, address.lastIndexOf('@')));
    return empty || !address.endsWith("@example.org") || name.equals("unknown")
        ? Optional.empty()
        : byId(name);
  }

  @Override
  public Optional<Mailbox> byLogin(String login) {
    return byAddress(login);
  }

  /** {@code alias-NAME} is a second address of NAME. */
  @Override
  public Optional<Mailbox> byId(String id) {
    String name = id.startsWith("alias-") ? id.substring("alias-".length()) : id;
    Mailbox.State state = name.equals("suspended") ? Mailbox.State.SUSPENDED : Mailbox.State.ACTIVE;
    return Optional.of(new Mailbox(name, name + "@example.org", "age1none", state, Instant.EPOCH));
  }

  @Override
  public Optional<byte[]> identity(String mailboxId) {
    return Optional.empty();
  }

  @Override
  public Optional<byte[]> anyIdentity() {
    return Optional.empty();
  }

  @Override
  public boolean isEmpty() {
    return empty;
  }

  @Override
  public boolean ready() {
    return ready;
  }
}
