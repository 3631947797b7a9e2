package io.postern.mailbox;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The mailboxes by id, address and local part. One thread changes it, any number read. */
final class MailboxView {
  private final Map<String, MailboxRecord> byId = new ConcurrentHashMap<>();
  private final Map<String, String> idByAddress = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> addressesByLocalPart = new ConcurrentHashMap<>();

  void put(MailboxRecord record) {
    Mailbox mailbox = record.mailbox();
    byId.put(mailbox.id(), record);
    idByAddress.put(mailbox.address(), mailbox.id());
    addressesByLocalPart
        .computeIfAbsent(localPart(mailbox.address()), absent -> ConcurrentHashMap.newKeySet())
        .add(mailbox.address());
  }

  void remove(String id) {
    MailboxRecord previous = byId.remove(id);
    if (previous == null) {
      return;
    }
    String address = previous.mailbox().address();
    if (idByAddress.remove(address, id)) {
      addressesByLocalPart.computeIfPresent(
          localPart(address),
          (same, addresses) -> addresses.remove(address) && addresses.isEmpty() ? null : addresses);
    }
  }

  private static String localPart(String address) {
    return address.substring(0, address.lastIndexOf('@'));
  }

  Optional<MailboxRecord> byId(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  Optional<MailboxRecord> byAddress(String address) {
    return Address.parse(address)
        .map(normalised -> idByAddress.get(normalised.toString()))
        .flatMap(this::byId);
  }

  Optional<MailboxRecord> byLogin(String login) {
    if (login.contains("@")) {
      return byAddress(login);
    }
    String localPart = Address.normaliseLocalPart(login);
    var addresses = addressesByLocalPart.getOrDefault(localPart, Set.of()).iterator();
    Optional<MailboxRecord> only =
        addresses.hasNext() ? byAddress(addresses.next()) : Optional.empty();
    return addresses.hasNext() ? Optional.empty() : only;
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  Collection<MailboxRecord> all() {
    return byId.values();
  }
}
