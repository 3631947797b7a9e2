package io.postern.store;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.TransitKey;
import io.postern.pipeline.Ulids;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Mailboxes with their keys, and a transit key, for tests. Classic keys: they are quick to make.
 */
final class Post implements Directory {
  private final SecureRandom random;
  private final Ulids ids;
  private final Map<String, Mailbox> mailboxes = new ConcurrentHashMap<>();
  private final Map<String, List<Identity>> identities = new HashMap<>();
  private final Keys.KeyPair transit;

  Post(SecureRandom random, InstantSource clock) {
    this.random = random;
    this.ids = new Ulids(clock, random);
    this.transit = Keys.generate(true, random);
  }

  String create(String address) throws AgeException {
    Keys.KeyPair keys = Keys.generate(true, random);
    String id = ids.next();
    mailboxes.put(
        id, new Mailbox(id, address, keys.recipient(), Mailbox.State.ACTIVE, Instant.EPOCH));
    identities.put(id, Keys.identities(keys.identityFile()));
    return id;
  }

  void remove(String mailboxId) {
    mailboxes.remove(mailboxId);
  }

  List<String> ids() {
    return mailboxes.keySet().stream().sorted().toList();
  }

  TransitKey transitKey() throws AgeException {
    return TransitKey.of(transit.recipient());
  }

  List<Identity> transitIdentities() throws AgeException {
    return Keys.identities(transit.identityFile());
  }

  /** An envelope without trace headers: what is stored is what was sent. */
  Envelope envelope(List<String> mailboxIds) {
    return new Envelope(
        "sender@example.org",
        mailboxIds.stream().map(id -> new Envelope.Copy(id, id + "@example.com")).toList(),
        "192.0.2.1",
        "client.example.org",
        "ESMTPS",
        "TLSv1.3 TLS_AES_256_GCM_SHA384",
        "starttls",
        "mx.example.com",
        Instant.EPOCH,
        false);
  }

  byte[] open(String mailboxId, byte[] sealed) throws AgeException {
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities.get(mailboxId))) {
      opener.update(sealed, 0, sealed.length, plaintext::write);
      opener.finish(plaintext::write);
    }
    return plaintext.toByteArray();
  }

  @Override
  public Optional<Mailbox> byId(String id) {
    return Optional.ofNullable(mailboxes.get(id));
  }

  @Override
  public Optional<Mailbox> byAddress(String address) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Mailbox> byLogin(String login) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<byte[]> identity(String mailboxId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<byte[]> anyIdentity() {
    return Optional.empty();
  }

  @Override
  public boolean isEmpty() {
    return mailboxes.isEmpty();
  }

  @Override
  public boolean ready() {
    return true;
  }
}
