package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sealed opens again, whatever its length and the pieces that it comes in. */
class RoundTripTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Keys.KeyPair CLASSIC = Keys.generate(true, RANDOM);
  private static final Keys.KeyPair HYBRID = Keys.generate(false, RANDOM);

  static IntStream seeds() {
    return IntStream.range(0, 150);
  }

  /** Short lengths, lengths around the ends of buffers and chunks, and any. */
  private static int length(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextInt(301);
      case 1 -> 4090 + random.nextInt(11);
      case 2 -> 65_530 + random.nextInt(31);
      case 3 -> 131_060 + random.nextInt(21);
      default -> random.nextInt(300_001);
    };
  }

  private static int pieceLength(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> 1 + random.nextInt(100);
      case 1 -> 65_530 + random.nextInt(31);
      default -> 1 + random.nextInt(400_000);
    };
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void opensWhatItSealed(int seed) throws AgeException {
    Random choice = new Random(seed);
    int length = length(choice);
    int sealedIn = pieceLength(choice);
    int openedIn = pieceLength(choice);
    boolean armored = choice.nextBoolean();
    Keys.KeyPair keys = choice.nextBoolean() ? CLASSIC : HYBRID;
    byte[] plaintext = new byte[length];
    choice.nextBytes(plaintext);
    Sealer sealer = new Sealer(List.of(Keys.recipient(keys.recipient())), RANDOM);
    byte[] sealed = Sealing.of(plaintext, sealer, sealedIn);
    assertThat(sealed).hasSize(Math.toIntExact(Sealer.sealedLength(sealer.headerLength(), length)));

    byte[] file = armored ? armor(sealed, sealedIn) : sealed;
    Opening opening =
        Opening.of(file, Keys.identities(keys.identityFile().clone()), openedIn, armored);
    assertThat(opening.failure()).isEmpty();
    assertThat(opening.plaintext()).isEqualTo(plaintext);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void releasesNothingThatWasChanged(int seed) throws AgeException {
    Random choice = new Random(seed);
    byte[] plaintext = new byte[length(choice)];
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
