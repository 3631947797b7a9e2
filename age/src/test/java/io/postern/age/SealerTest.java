package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealerTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Sink NOWHERE = (octets, offset, length) -> {};

  private final Recipient classic = recipient(true);
  private final Recipient hybrid = recipient(false);
  private final Recipient passphrase = Passphrase.recipient("secret".getBytes(US_ASCII), 1);

  @ParameterizedTest
  @CsvSource({
    "0, 16",
    "1, 17",
    "65535, 65551",
    "65536, 65552",
    "65537, 65569",
    "131072, 131104",
    "131073, 131121",
    "262144000, 262208000"
  })
  void knowsTheLengthOfAPayload(long plaintextLength, long payloadLength) {
    long sealedLength = 200 + 16 + payloadLength;
    assertThat(Sealer.sealedLength(200, plaintextLength)).isEqualTo(sealedLength);
    assertThat(Sealer.plaintextLength(200, sealedLength)).isEqualTo(plaintextLength);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 15, 65_553, 65_560, 65_568, 131_105, 131_120})
  void knowsThatNoPayloadHasALength(long payloadLength) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sealer.plaintextLength(200, 200 + 16 + payloadLength));
  }

  @Test
  void lengthsInvert() {
    Random random = new Random(0);
    for (int i = 0; i < 500; i++) {
      int headerLength = 1 + random.nextInt(1 << 20);
      // Short ones, ones around a chunk's end, and long ones alike.
      long plaintextLength = (random.nextLong() >>> (14 + random.nextInt(50))) + random.nextInt(3);
      assertThat(
              Sealer.plaintextLength(
                  headerLength, Sealer.sealedLength(headerLength, plaintextLength)))
          .isEqualTo(plaintextLength);
    }
  }

  @Test
  void sealsToSeveralRecipientsOfOneKind() {
    assertThat(new Sealer(List.of(classic, recipient(true)), RANDOM).headerLength()).isPositive();
    assertThat(new Sealer(List.of(hybrid, recipient(false)), RANDOM).headerLength()).isPositive();
  }

  @Test
  void refusesRecipientsThatUndoEachOthersProtection() {
    refuses(List.of(), "no recipients");
    refuses(List.of(passphrase, classic), "a passphrase must be the only recipient");
    refuses(List.of(passphrase, passphrase), "a passphrase must be the only recipient");
    refuses(List.of(hybrid, classic), "post-quantum recipients cannot be mixed with others");
  }

  private static void refuses(List<Recipient> recipients, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sealer(recipients, RANDOM))
        .withMessage(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 16_384, 65_500, 65_535, 65_536, 65_537, 131_072, 200_000})
  void sealsTheSameWhateverThePiecesAndLeavesTheCallersArrayAlone(int pieceLength) {
    byte[] plaintext = new byte[3 * 65_536 + 1000];
    new Random(0).nextBytes(plaintext);
    byte[] kept = plaintext.clone();
    byte[] sealed = Sealing.of(plaintext, sealerOfZeros(), pieceLength);
    assertThat(sealed).isEqualTo(Sealing.of(kept, sealerOfZeros(), kept.length));
    assertThat(plaintext).isEqualTo(kept);
  }

  private Sealer sealerOfZeros() {
    byte[] fileKey = new byte[Stanza.FILE_KEY_LENGTH];
    return new Sealer(Header.of(List.of(), fileKey), fileKey, new byte[16]);
  }

  @Test
  void isUsedOnce() {
    Sealer sealer = new Sealer(List.of(classic), RANDOM);
    sealer.finish(NOWHERE);
    assertThatIllegalStateException().isThrownBy(() -> sealer.update(new byte[1], 0, 1, NOWHERE));
    assertThatIllegalStateException().isThrownBy(() -> sealer.finish(NOWHERE));
  }

  private static Recipient recipient(boolean classic) {
    try {
      return Keys.recipient(Keys.generate(classic, RANDOM).recipient());
    } catch (AgeException e) {
      throw new AssertionError(e);
    }
  }
}
