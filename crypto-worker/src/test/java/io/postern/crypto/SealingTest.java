package io.postern.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Sealer;
import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.EnvelopeCodec;
import io.postern.pipeline.MalformedException;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealingTest {
  private static final String MESSAGE = "01arz3ndektsv4rrffq69g5fav";
  private static final String ALICE = "01arz3ndektsv4rrffq69g5fa0";
  private static final String BOB = "01arz3ndektsv4rrffq69g5fa1";

  private final SecureRandom random = new SecureRandom();
  private final Keys.KeyPair transit = Keys.generate(true, random);
  private final Map<String, Keys.KeyPair> keys =
      Map.of(ALICE, Keys.generate(true, random), BOB, Keys.generate(false, random));

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 65_536, 131_072, 1_000_000})
  void sealsOneCopyForEachMailboxWhateverTheSlices(int sliceBytes) throws Exception {
    byte[] message = octets(sliceBytes < 1000 ? 500 : 200_000);
    Sealing sealing = sealing(mailboxId -> true);

    Map<String, byte[]> sealed = run(sealing, raw(message, ALICE, BOB), sliceBytes);

    assertThat(sealed).containsOnlyKeys(ALICE, BOB);
    for (String mailboxId : List.of(ALICE, BOB)) {
      assertThat(open(mailboxId, sealed.get(mailboxId)))
          .startsWith("Return-Path: <a@example.org>\r\n".getBytes())
          .endsWith(message);
    }
    assertThatThrownBy(() -> open(BOB, sealed.get(ALICE)))
        .isInstanceOfSatisfying(
            AgeException.class,
            e -> assertThat(e.category()).isEqualTo(AgeException.Category.NO_MATCH));
    SealedCopy copy = sealing.copies().get(0);
    assertThat(new String(sealed.get(copy.mailboxId()), 0, copy.headerLength()))
        .startsWith("age-encryption.org/v1\n")
        .matches("(?s).*\n--- [^\n]{43}\n");
  }

  @Test
  void leavesOutWhatIsStoredAndNamesWhatHasNoMailbox() throws Exception {
    Sealing sealing = sealing(mailboxId -> !mailboxId.equals(BOB));
    String gone = "01arz3ndektsv4rrffq69g5fa9";
    assertThat(run(sealing, raw(octets(10), ALICE, BOB, gone), 1000)).containsOnlyKeys(ALICE);
    assertThat(sealing.withoutMailbox()).containsExactly(gone);
  }

  @Test
  void tellsDamageFromAMissingKey() throws Exception {
    byte[] raw = raw(octets(200_000), ALICE);
    byte[] flipped = raw.clone();
    flipped[raw.length - 1] ^= 1;
    assertFails(flipped, AgeException.Category.PAYLOAD);
    assertFails(Arrays.copyOf(raw, raw.length - 1), AgeException.Category.PAYLOAD);
    assertFails(octets(1000), AgeException.Category.HEADER);
    assertFails(
        seal(Keys.generate(true, random).recipient(), octets(10)), AgeException.Category.NO_MATCH);
    assertThatThrownBy(
            () -> run(sealing(id -> true), seal(transit.recipient(), new byte[] {1, 0}), 100))
        .isInstanceOf(MalformedException.class);
  }

  private void assertFails(byte[] raw, AgeException.Category category) {
    assertThatThrownBy(() -> run(sealing(mailboxId -> true), raw, 100_000))
        .isInstanceOfSatisfying(
            AgeException.class, e -> assertThat(e.category()).isEqualTo(category));
  }

  private Sealing sealing(Predicate<String> wanted) throws AgeException {
    List<Identity> old = Keys.identities(Keys.generate(true, random).identityFile());
    List<Identity> identities = new ArrayList<>(old);
    identities.addAll(Keys.identities(transit.identityFile()));
    return new Sealing(MESSAGE, identities, new Recipients(directory()), wanted, random);
  }

  private static Map<String, byte[]> run(Sealing sealing, byte[] raw, int sliceBytes)
      throws Exception {
    Map<String, ByteArrayOutputStream> sealed = new HashMap<>();
    for (int i = 0; i < raw.length; i += sliceBytes) {
      sealing.update(Arrays.copyOfRange(raw, i, Math.min(raw.length, i + sliceBytes)));
      collect(sealing, sealed);
    }
    sealing.finish();
    collect(sealing, sealed);
    Map<String, byte[]> octets = new HashMap<>();
    sealed.forEach((mailboxId, out) -> octets.put(mailboxId, out.toByteArray()));
    return octets;
  }

  private static void collect(Sealing sealing, Map<String, ByteArrayOutputStream> sealed) {
    for (SealedCopy copy : sealing.copies()) {
      sealed
          .computeIfAbsent(copy.mailboxId(), id -> new ByteArrayOutputStream())
          .writeBytes(copy.take());
    }
  }

  private byte[] raw(byte[] message, String... mailboxIds) throws AgeException {
    Envelope envelope =
        new Envelope(
            "a@example.org",
            Stream.of(mailboxIds).map(id -> new Envelope.Copy(id, "to@example.com")).toList(),
            "192.0.2.1",
            "client",
            "ESMTPS",
            "",
            "tls",
            "mx",
            Instant.EPOCH,
            true);
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    plaintext.writeBytes(EnvelopeCodec.encode(envelope));
    plaintext.writeBytes(message);
    return seal(transit.recipient(), plaintext.toByteArray());
  }

  private byte[] seal(String recipient, byte[] plaintext) throws AgeException {
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    Sealer sealer = new Sealer(List.of(Keys.recipient(recipient)), random);
    sealer.update(plaintext, 0, plaintext.length, sealed::write);
    sealer.finish(sealed::write);
    return sealed.toByteArray();
  }

  private byte[] open(String mailboxId, byte[] sealed) throws AgeException {
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    try (Opener opener = new Opener(Keys.identities(keys.get(mailboxId).identityFile()))) {
      opener.update(sealed, 0, sealed.length, plaintext::write);
      opener.finish(plaintext::write);
    }
    return plaintext.toByteArray();
  }

  private static byte[] octets(int size) {
    byte[] octets = new byte[size];
    new Random(size).nextBytes(octets);
    return octets;
  }

  private Directory directory() {
    return new Directory() {
      @Override
      public Optional<Mailbox> byId(String id) {
        return Optional.ofNullable(keys.get(id))
            .map(
                pair ->
                    new Mailbox(
                        id,
                        id + "@example.com",
                        pair.recipient(),
                        Mailbox.State.ACTIVE,
                        Instant.EPOCH));
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
        throw new UnsupportedOperationException();
      }

      @Override
      public boolean isEmpty() {
        return false;
      }

      @Override
      public boolean ready() {
        return true;
      }
    };
  }
}
