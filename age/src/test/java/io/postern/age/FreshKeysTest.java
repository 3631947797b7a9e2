package io.postern.age;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.age.AgeException.Category;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FreshKeysTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] TEXT = "a message".getBytes(StandardCharsets.US_ASCII);

  private final AtomicLong nanos = new AtomicLong();
  private final FreshKeys fresh = new FreshKeys(nanos::get);

  @Test
  void opensOnceWhatWasSealedHere() throws AgeException {
    Keys.KeyPair owner = Keys.generate(false, RANDOM);
    byte[] file = seal(Keys.recipient(owner.recipient()));

    assertThat(open(file).plaintext()).isEqualTo(TEXT);
    assertThat(failure(file)).isEqualTo(Category.NO_MATCH);
    Opening byItsOwner = Opening.of(file, Keys.identities(owner.identityFile()), file.length);
    assertThat(byItsOwner.plaintext()).isEqualTo(TEXT);
  }

  @Test
  void opensNothingElse() throws AgeException {
    Keys.KeyPair owner = Keys.generate(false, RANDOM);
    byte[] file =
        Sealing.of(TEXT, new Sealer(List.of(Keys.recipient(owner.recipient())), RANDOM), 9);

    assertThat(failure(file)).isEqualTo(Category.NO_MATCH);
  }

  @Test
  void checksTheHeaderAsEver() throws AgeException {
    byte[] file = seal(hybrid());
    int share = new String(file, StandardCharsets.ISO_8859_1).indexOf(HybridRecipient.TYPE) + 20;
    file[share] = (byte) (file[share] == 'A' ? 'B' : 'A');

    assertThat(failure(file)).isEqualTo(Category.HMAC);
  }

  @Test
  void keepsTheOldestWhileTheyAreFresh() {
    List<byte[]> files = sealMany(FreshKeys.MAX_KEYS + 1);

    assertThat(open(files.get(0)).failure()).isEmpty();
    assertThat(failure(files.get(FreshKeys.MAX_KEYS))).isEqualTo(Category.NO_MATCH);
  }

  @Test
  void makesRoomByWhatIsNotFreshAnyMore() {
    List<byte[]> files = sealMany(FreshKeys.MAX_KEYS);
    nanos.addAndGet(FreshKeys.FRESH.toNanos());
    byte[] later = sealMany(1).get(0);

    assertThat(open(later).failure()).isEmpty();
    assertThat(failure(files.get(0))).isEqualTo(Category.NO_MATCH);
    assertThat(open(files.get(1)).failure()).isEmpty();
  }

  @Test
  void forgetsAllWhenWiped() throws AgeException {
    byte[] file = seal(hybrid());
    fresh.wipe();

    assertThat(failure(file)).isEqualTo(Category.NO_MATCH);
  }

  private List<byte[]> sealMany(int count) {
    // Wraps in no time: what it would do with the key is not what is tested.
    Recipient quick =
        (fileKey, random) -> new Stanza("quick", List.of(), Octets.random(random, 32));
    return Stream.generate(() -> seal(quick)).limit(count).toList();
  }

  private byte[] seal(Recipient recipient) {
    return Sealing.of(TEXT, new Sealer(List.of(fresh.noting(recipient)), RANDOM), TEXT.length);
  }

  private static Recipient hybrid() throws AgeException {
    return Keys.recipient(Keys.generate(false, RANDOM).recipient());
  }

  private Opening open(byte[] file) {
    return Opening.of(file, List.of(fresh), file.length);
  }

  private Category failure(byte[] file) {
    return open(file).failure().orElseThrow().category();
  }
}
