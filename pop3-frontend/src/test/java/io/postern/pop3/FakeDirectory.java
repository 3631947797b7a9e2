package io.postern.pop3;

import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Mailboxes in memory. */
final class FakeDirectory implements Directory {
  volatile boolean ready = true;

  private final Map<String, Mailbox> mailboxes = new ConcurrentHashMap<>();
  private final Map<String, byte[]> identities = new ConcurrentHashMap<>();

  void add(Mailbox mailbox, byte[] identity) {
    mailboxes.put(mailbox.id(), mailbox);
    identities.put(mailbox.id(), identity);
  }

  @Override
  public Optional<Mailbox> byAddress(String address) {
    return mailboxes.values().stream().filter(m -> m.address().equals(address)).findFirst();
  }

  @Override
  public Optional<Mailbox> byLogin(String login) {
    return mailboxes.values().stream()
        .filter(m -> m.address().equals(login) || m.address().startsWith(login + "@"))
        .findFirst();
  }

  @Override
  public Optional<Mailbox> byId(String id) {
    return Optional.ofNullable(mailboxes.get(id));
  }

  @Override
  public Optional<byte[]> identity(String mailboxId) {
    return Optional.ofNullable(identities.get(mailboxId));
  }

  @Override
  public Optional<byte[]> anyIdentity() {
    return identities.values().stream().findFirst();
  }

  @Override
  public boolean isEmpty() {
    return mailboxes.isEmpty();
  }

  @Override
  public boolean ready() {
    return ready;
  }
}
