package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is sealed opens again, whatever its length and the pieces that it comes in. */
class RoundTripTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Keys.KeyPair CLASSIC = Keys.generate(true, RANDOM);
  private static final Keys.KeyPair HYBRID = Keys.generate(false, RANDOM);

  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(0, 300),
        Arbitraries.integers().between(4090, 4100),
        Arbitraries.integers().between(65_530, 65_560),
        Arbitraries.integers().between(131_060, 131_080),
        Arbitraries.integers().between(0, 300_000));
  }

  @Provide
  Arbitrary<Integer> pieceLengths() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 100),
        Arbitraries.integers().between(65_530, 65_560),
        Arbitraries.integers().between(1, 400_000));
  }

  @Property(tries = 200)
  void opensWhatItSealed(
      @ForAll("lengths") int length,
      @ForAll("pieceLengths") int sealedIn,
      @ForAll("pieceLengths") int openedIn,
      @ForAll boolean classic,
      @ForAll boolean armored)
      throws AgeException {
    Keys.KeyPair keys = classic ? CLASSIC : HYBRID;
    byte[] plaintext = new byte[length];
    new Random(length).nextBytes(plaintext);
    Sealer sealer = new Sealer(List.of(Keys.recipient(keys.recipient())), RANDOM);
    byte[] sealed = Sealing.of(plaintext, sealer, sealedIn);
    assertThat(sealed).hasSize(Math.toIntExact(Sealer.sealedLength(sealer.headerLength(), length)));

    byte[] file = armored ? armor(sealed, sealedIn) : sealed;
    Opening opening =
        Opening.of(file, Keys.identities(keys.identityFile().clone()), openedIn, armored);
    assertThat(opening.failure()).isEmpty();
    assertThat(opening.plaintext()).isEqualTo(plaintext);
  }

  @Property(tries = 100)
  void releasesNothingThatWasChanged(@ForAll("lengths") int length, @ForAll int seed)
      throws AgeException {
    Random choice = new Random(seed);
    byte[] plaintext = new byte[length];
    choice.nextBytes(plaintext);
    byte[] file =
        Sealing.of(
            plaintext, new Sealer(List.of(Keys.recipient(CLASSIC.recipient())), RANDOM), 65_536);
    file[choice.nextInt(file.length)] ^= (byte) (1 << choice.nextInt(8));

    Opening opening = Opening.of(file, Keys.identities(CLASSIC.identityFile().clone()), 8192);
    assertThat(opening.failure()).isPresent();
    assertThat(opening.plaintext().length % 65_536).isZero();
    assertThat(opening.plaintext()).isEqualTo(Arrays.copyOf(plaintext, opening.plaintext().length));
  }

  private static byte[] armor(byte[] sealed, int pieceLength) {
    ByteArrayOutputStream armored = new ByteArrayOutputStream();
    ArmorWriter writer = new ArmorWriter(armored::write);
    for (int at = 0; at < sealed.length; at += pieceLength) {
      writer.write(sealed, at, Math.min(pieceLength, sealed.length - at));
    }
    writer.finish();
    assertThat(armored.toString(US_ASCII).lines()).allMatch(line -> line.length() <= 64);
    return armored.toByteArray();
  }
}
