package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenerTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Sink NOWHERE = (octets, offset, length) -> {};

  private final Keys.KeyPair keys = Keys.generate(true, RANDOM);
  private final List<Identity> identities = Keys.identities(keys.identityFile());

  OpenerTest() throws AgeException {}

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 65_536, 131_072})
  void noticesAnyCut(int length) throws AgeException {
    byte[] plaintext = new byte[length];
    byte[] file = seal(plaintext);
    int headerLength = Math.toIntExact(file.length - Sealer.sealedLength(0, length));
    for (int cut : new int[] {0, 10, headerLength - 1, headerLength, headerLength + 15}) {
      Opening opening = Opening.of(Arrays.copyOf(file, cut), identities, 100);
      assertThat(category(opening)).isEqualTo(AgeException.Category.HEADER);
    }
    for (int cut : new int[] {headerLength + 16, headerLength + 17, file.length - 1}) {
      Opening opening = Opening.of(Arrays.copyOf(file, cut), identities, 100);
      assertThat(category(opening)).isEqualTo(AgeException.Category.PAYLOAD);
      assertThat(opening.plaintext())
          .isEqualTo(Arrays.copyOf(plaintext, opening.plaintext().length));
    }
  }

  @Test
  void refusesAnEndlessHeaderInConstantMemory() throws AgeException {
    Opener opener = new Opener(identities);
    byte[] start = "age-encryption.org/v1\n-> ".getBytes(US_ASCII);
    byte[] more = "x".repeat(65_536).getBytes(US_ASCII);
    opener.update(start, 0, start.length, NOWHERE);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 17; i++) {
                opener.update(more, 0, more.length, NOWHERE);
              }
            })
        .isInstanceOf(AgeException.class)
        .hasMessage("the header is longer than 1048576 octets");
  }

  @Test
  void tellsAnotherKindOfFileByItsFirstOctets() {
    Opener opener = new Opener(identities);
    assertThatThrownBy(() -> opener.update("From: me".getBytes(US_ASCII), 0, 8, NOWHERE))
        .isInstanceOf(AgeException.class)
        .hasMessage("the header is not of age version 1");
    assertThatIllegalStateException().isThrownBy(() -> opener.finish(NOWHERE));
  }

  @Test
  void refusesAHeaderWithoutStanzas() {
    String header = "age-encryption.org/v1\n--- " + "A".repeat(43) + "\n";
    Opening opening = Opening.of(header.getBytes(US_ASCII), identities, 100);
    assertThat(category(opening)).isEqualTo(AgeException.Category.HEADER);
  }

  @Test
  void opensTheSameFileTwice() throws AgeException {
    byte[] file = seal("twice".getBytes(US_ASCII));
    for (int i = 0; i < 2; i++) {
      assertThat(Opening.of(file, identities, 1000).plaintext())
          .asString(US_ASCII)
          .isEqualTo("twice");
    }
  }

  @Test
  void opensNothingWithAWipedIdentity() throws AgeException {
    byte[] file = seal("secret".getBytes(US_ASCII));
    identities.forEach(Identity::wipe);
    assertThat(category(Opening.of(file, identities, 1000)))
        .isEqualTo(AgeException.Category.NO_MATCH);
  }

  @Test
  void isOverOnceFinishedOrClosed() throws AgeException {
    byte[] file = seal(new byte[10]);
    Opener opener = new Opener(identities);
    opener.update(file, 0, file.length, NOWHERE);
    opener.finish(NOWHERE);
    assertThatIllegalStateException().isThrownBy(() -> opener.finish(NOWHERE));
    Opener closed = new Opener(identities);
    closed.close();
    assertThatIllegalStateException().isThrownBy(() -> closed.update(file, 0, 1, NOWHERE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 65_536, 65_551, 65_552, 65_553, 131_104, 1_000_000})
  void releasesAChunkOnceItIsWholeAndLeavesTheCallersArrayAlone(int pieceLength)
      throws AgeException {
    byte[] plaintext = new byte[3 * 65_536];
    new Random(pieceLength).nextBytes(plaintext);
    byte[] file = seal(plaintext);
    byte[] kept = file.clone();
    int firstChunk = Math.toIntExact(file.length - 3 * 65_552);
    ByteArrayOutputStream opened = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities)) {
      opener.update(file, 0, firstChunk, opened::write);
      for (int at = firstChunk; at < file.length; ) {
        int length = Math.min(pieceLength, file.length - at);
        opener.update(file, at, length, opened::write);
        at += length;
        int whole = (at - firstChunk) / 65_552;
        assertThat(opened.size()).as("but for the last one").isEqualTo(Math.min(2, whole) * 65_536);
      }
      opener.finish(opened::write);
    }
    assertThat(opened.toByteArray()).isEqualTo(plaintext);
    assertThat(file).isEqualTo(kept);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 65_552, 1_000_000})
  void releasesNothingOfAChangedChunkWhereverItStands(int pieceLength) throws AgeException {
    byte[] file = seal(new byte[3 * 65_536]);
    file[file.length - 2 * 65_552 + 100] ^= 1;
    Opening opening = Opening.of(file, identities, pieceLength);
    assertThat(opening.failure().orElseThrow())
        .hasMessage("chunk 1 of the payload is damaged or cut short");
    assertThat(opening.plaintext()).isEqualTo(new byte[65_536]);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 65_552, 1_000_000})
  void releasesAFullLastChunkThatIsFollowedByMore(int pieceLength) throws AgeException {
    byte[] file = seal(new byte[65_536]);
    Opening opening =
        Opening.of(Arrays.copyOf(file, file.length + 70_000), identities, pieceLength);
    assertThat(opening.failure().orElseThrow()).hasMessage("data follows the last chunk");
    assertThat(opening.plaintext()).isEqualTo(new byte[65_536]);
  }

  /** An array that openers of one thread share must not be one that a sink reads from. */
  @Test
  void aSinkMayOpenSomethingItself() throws AgeException {
    byte[] outer = new byte[200_000];
    byte[] inner = new byte[200_000];
    new Random(1).nextBytes(outer);
    new Random(2).nextBytes(inner);
    byte[] innerFile = seal(inner);
    ByteArrayOutputStream opened = new ByteArrayOutputStream();
    Sink sink =
        (octets, offset, length) -> {
          Opening nested = Opening.of(innerFile, identities, innerFile.length);
          assertThat(nested.plaintext()).isEqualTo(inner);
          opened.write(octets, offset, length);
        };
    byte[] file = seal(outer);
    try (Opener opener = new Opener(identities)) {
      opener.update(file, 0, file.length, sink);
      opener.finish(sink);
    }
    assertThat(opened.toByteArray()).isEqualTo(outer);
  }

  private byte[] seal(byte[] plaintext) throws AgeException {
    return Sealing.of(
        plaintext, new Sealer(List.of(Keys.recipient(keys.recipient())), RANDOM), 10_000);
  }

  private static AgeException.Category category(Opening opening) {
    return opening.failure().orElseThrow().category();
  }
}
