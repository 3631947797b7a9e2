package io.postern.age;

import static io.postern.age.PayloadCipher.CHUNK_LENGTH;
import static io.postern.age.PayloadCipher.TAG_LENGTH;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whichever cipher is the fastest on the machine at hand: all have to do the same. */
class PayloadCipherTest {
  private static final byte[] FILE_KEY = new byte[16];
  private static final byte[] NONCE = new byte[16];
  private static final int OFFSET = 7;

  static Stream<Provider> providers() {
    return Stream.concat(
        Native.provider().stream(),
        Stream.of(Security.getProvider("SunJCE"), new BouncyCastleProvider()));
  }

  private static PayloadCipher cipher(Provider provider) {
    return new PayloadCipher(FILE_KEY.clone(), NONCE, provider);
  }

  private static byte[] text(int length) {
    byte[] text = new byte[length];
    new Random(length).nextBytes(text);
    return text;
  }

  @ParameterizedTest
  @MethodSource("providers")
  void sealsAndOpensInPlaceAndAnywhereInAnArray(Provider provider) {
    for (int length : new int[] {0, 1, 4096, CHUNK_LENGTH - 1, CHUNK_LENGTH}) {
      byte[] text = text(length);
      byte[] expected = new byte[length + TAG_LENGTH];
      cipher(new BouncyCastleProvider())
          .seal(3, false, ByteBuffer.wrap(text), ByteBuffer.wrap(expected));

      byte[] around = new byte[OFFSET + length + TAG_LENGTH + OFFSET];
      System.arraycopy(text, 0, around, OFFSET, length);
      PayloadCipher cipher = cipher(provider);
      ByteBuffer sealed = ByteBuffer.wrap(around).position(OFFSET);
      cipher.seal(3, false, ByteBuffer.wrap(around, OFFSET, length), sealed);
      assertThat(sealed.position()).isEqualTo(OFFSET + length + TAG_LENGTH);
      assertThat(Arrays.copyOfRange(around, OFFSET, sealed.position())).isEqualTo(expected);
      assertThat(around).startsWith(new byte[OFFSET]).endsWith(new byte[OFFSET]);

      ByteBuffer opened = ByteBuffer.wrap(around).position(OFFSET);
      ByteBuffer again = ByteBuffer.wrap(around, OFFSET, length + TAG_LENGTH);
      assertThat(cipher.another().open(3, false, again, opened)).isTrue();
      assertThat(opened.position()).isEqualTo(OFFSET + length);
      assertThat(Arrays.copyOfRange(around, OFFSET, OFFSET + length)).isEqualTo(text);
      assertThat(around).startsWith(new byte[OFFSET]).endsWith(new byte[OFFSET]);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void keepsWhatIsNotAuthenticWhereItStands(Provider provider) {
    PayloadCipher cipher = cipher(provider);
    byte[] sealed = new byte[CHUNK_LENGTH + TAG_LENGTH];
    cipher.seal(0, true, ByteBuffer.wrap(text(CHUNK_LENGTH)), ByteBuffer.wrap(sealed));
    byte[] kept = sealed.clone();
    ByteBuffer opened = ByteBuffer.wrap(sealed);
    assertThat(cipher.open(0, false, ByteBuffer.wrap(sealed), opened)).isFalse();
    assertThat(cipher.open(1, true, ByteBuffer.wrap(sealed), opened)).isFalse();
    assertThat(opened.position()).isZero();
    assertThat(sealed).isEqualTo(kept);
    assertThat(cipher.open(0, true, ByteBuffer.wrap(sealed), opened)).isTrue();
    assertThat(Arrays.copyOf(sealed, opened.position())).isEqualTo(text(CHUNK_LENGTH));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void worksInMemoryOutsideOfTheHeap(Provider provider) {
    PayloadCipher cipher = cipher(provider);
    ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_LENGTH).put(text(CHUNK_LENGTH)).flip();
    ByteBuffer sealed = ByteBuffer.allocateDirect(CHUNK_LENGTH + TAG_LENGTH);
    cipher.seal(9, true, direct, sealed);
    ByteBuffer opened = ByteBuffer.allocate(CHUNK_LENGTH);
    assertThat(cipher.another().open(9, true, sealed.flip(), opened)).isTrue();
    assertThat(opened.array()).isEqualTo(text(CHUNK_LENGTH));
  }
}
