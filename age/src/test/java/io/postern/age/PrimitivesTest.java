package io.postern.age;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Known answers, and that native and pure implementations agree. */
class PrimitivesTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @Test
  void derivesAsRfc5869TestCase3() {
    byte[] key = Hkdf.derive(hex("0b".repeat(22)), new byte[0], new byte[0]);
    assertThat(key)
        .isEqualTo(hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"));
  }

  @Test
  void agreesAsRfc7748Section61() {
    byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assertThat(X25519.publicKey(alice))
        .isEqualTo(hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
    agrees(alice, X25519.publicKey(bob), Optional.of(shared));
    agrees(bob, X25519.publicKey(alice), Optional.of(shared));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      })
  void agreesOnNothingWithAPointOfLowOrder(String point) {
    agrees(Octets.random(RANDOM, 32), hex(point), Optional.empty());
  }

  @Test
  void agreesNativelyAsItDoesInJava() {
    for (int i = 0; i < 100; i++) {
      byte[] secretKey = Octets.random(RANDOM, 32);
      byte[] publicKey = Octets.random(RANDOM, 32);
      agrees(secretKey, publicKey, X25519.agreeInJava(secretKey, publicKey));
    }
  }

  private static void agrees(byte[] secretKey, byte[] publicKey, Optional<byte[]> shared) {
    assertSame(X25519.agreeInJava(secretKey, publicKey), shared);
    Native.provider()
        .ifPresent(
            provider -> assertSame(X25519.agreeNatively(secretKey, publicKey, provider), shared));
  }

  private static void assertSame(Optional<byte[]> actual, Optional<byte[]> expected) {
    assertThat(actual.map(HexFormat.of()::formatHex))
        .isEqualTo(expected.map(HexFormat.of()::formatHex));
  }

  @Test
  void takesOnlyAuthenticChunks() {
    byte[] key = Octets.random(RANDOM, 32);
    byte[] sealed = ChaChaPoly.sealOnce(key, new byte[16]);
    assertThat(ChaChaPoly.openOnce(key, sealed)).isPresent();
    sealed[20] ^= 1;
    assertThat(ChaChaPoly.openOnce(key, sealed)).isEmpty();
  }

  @Test
  void expandsTheSeedOfTheSpecification() throws AgeException {
    String seed = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
    HybridIdentity identity = (HybridIdentity) Keys.identities(Octets.ascii(seed)).get(0);
    assertThat(identity.recipient().toString())
        .hasSize(1959)
        .startsWith("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrq")
        .endsWith("mwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k");
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
