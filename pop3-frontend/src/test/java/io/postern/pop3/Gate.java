package io.postern.pop3;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.age.AgeException;
import io.postern.age.Keys;
import io.postern.age.Sealer;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.SealedIdentity;
import io.postern.maildrop.MailKey;
import io.postern.wire.Networks;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** The whole POP3 service on free ports of this machine, over a store in memory. */
final class Gate implements AutoCloseable {
  static final String PASSWORD = "open sesame";

  /** Cheap: tests log in often. */
  private static final int LOG_N = 4;

  final SecureRandom random = new SecureRandom();
  final FakeDirectory directory = new FakeDirectory();
  final FakeLedger ledger = new FakeLedger();
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final TroubledStore store = new TroubledStore();
  final Pop3Frontend frontend;
  private final Vertx vertx = Vertx.vertx();

  Gate(Path folder) throws IOException {
    this(folder, 1000);
  }

  /**
   * Starts.
   *
   * @param loginFailureBurst how many logins may fail in a row
   */
  Gate(Path folder, int loginFailureBurst) throws IOException {
    Pop3Config config =
        new Pop3Config(
            "gate.example.org",
            "127.0.0.1",
            0,
            0,
            Duration.ofMinutes(10),
            Duration.ofSeconds(5),
            100,
            100,
            2,
            4,
            8 * 1024 * 1024,
            loginFailureBurst,
            Duration.ofHours(1),
            new UnlockLimits(2, 100, LOG_N, 10),
            Networks.NONE);
    TlsMaterial certificate =
        TlsMaterial.selfSigned(folder, "gate.example.org", random, InstantSource.system());
    frontend =
        new Pop3Frontend(
            vertx,
            config,
            new Pop3Frontend.Parts(
                store, directory, ledger, certificate, registry, InstantSource.system(), random));
    frontend.start().await();
  }

  /** A new mailbox with a hybrid identity that {@link #PASSWORD} opens. */
  Mailbox mailbox(String address) {
    return mailbox(address, LOG_N);
  }

  Mailbox mailbox(String address, int logN) {
    Keys.KeyPair keys = Keys.generate(false, random);
    String id = "01jc%022d".formatted(Math.floorMod(address.hashCode(), 1_000_000_000));
    Mailbox mailbox =
        new Mailbox(id, address, keys.recipient(), Mailbox.State.ACTIVE, Instant.EPOCH);
    byte[] password = PASSWORD.getBytes(StandardCharsets.UTF_8);
    directory.add(mailbox, SealedIdentity.seal(keys.identityFile(), password, logN, random));
    return mailbox;
  }

  /** Stores a message as the mailbox's Nth, counted from 1, and tells its object's key. */
  String put(Mailbox mailbox, int number, byte[] message) throws AgeException {
    Sealer sealer = new Sealer(List.of(Keys.recipient(mailbox.recipient())), random);
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    sealer.update(message, 0, message.length, sealed::write);
    sealer.finish(sealed::write);
    String messageId = "01jd%022d".formatted(number);
    String key = new MailKey(mailbox.id(), messageId, sealer.headerLength()).key();
    store.put(key, sealed.toByteArray());
    return key;
  }

  /** Flips a bit of an object. */
  void damage(String key, long position) throws IOException {
    byte[] octets;
    try (var in = store.get(key, 0)) {
      octets = in.readAllBytes();
    }
    octets[(int) position] ^= 1;
    store.put(key, octets);
  }

  @Override
  public void close() {
    frontend.stop().await();
    vertx.close().await();
  }
}
