package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Bech32Test {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "A12UEL5L",
        "a12uel5l",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
      })
  void encodesWhatItDecodes(String text) {
    Bech32.Decoded decoded = Bech32.decode(text.getBytes(US_ASCII));
    assertThat(Bech32.encode(decoded.prefix(), decoded.data())).asString(US_ASCII).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "A12uEL5L, mixed case",
    "pzry9x0s0muk, no prefix",
    "1pzry9x0s0muk, no prefix",
    "x1b4n0q5v, bad character",
    "li1dgmt3, too short",
    "A1G7SGD8, wrong checksum",
    "a12uel5m, wrong checksum",
    "'a b1qqqqqqqq', bad character in the prefix",
    "split1cheo2y9e2w, bad character",
    "'', no prefix",
    // Sound checksums over a whole group of padding, and over padding with a bit set.
    "a1qqqd87cpp, bad padding",
    "a1qpamnt9j, bad padding"
  })
  void refuses(String text, String reason) {
    assertThatThrownBy(() -> Bech32.decode(text.getBytes(US_ASCII)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reason);
  }

  @Test
  void isItsOwnInverse() {
    Random random = new Random(0);
    for (int length = 0; length <= 1300; length += 1 + length / 10) {
      byte[] data = new byte[length];
      random.nextBytes(data);
      Bech32.Decoded decoded = Bech32.decode(Bech32.encode("TEST-", data));
      assertThat(decoded.prefix()).isEqualTo("TEST-");
      assertThat(decoded.data()).as("%d octets", length).isEqualTo(data);
    }
  }
}
