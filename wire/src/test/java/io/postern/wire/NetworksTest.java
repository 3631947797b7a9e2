package io.postern.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  private static final Networks SOME =
      Networks.parse(" 192.0.2.0/24, 198.51.100.7 ,2001:db8::/32,::1");

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0, true",
    "192.0.2.255, true",
    "192.0.3.0, false",
    "198.51.100.7, true",
    "198.51.100.8, false",
    "2001:db8:1::5, true",
    "2001:db9::5, false",
    "::1, true",
    "::ffff:192.0.2.9, true",
  })
  void contains(String address, boolean inside) throws UnknownHostException {
    assertThat(SOME.contains(InetAddress.getByName(address))).isEqualTo(inside);
  }

  @Test
  void nothingIsInAnEmptyList() throws UnknownHostException {
    assertThat(Networks.parse("").contains(InetAddress.getByName("192.0.2.1"))).isFalse();
  }

  /** A name is refused and never looked up. */
  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/x", "1.2.3", "::g"})
  void namesWhatIsNone(String entry) {
    assertThatThrownBy(() -> Networks.parse("192.0.2.1," + entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + entry + "'");
  }
}
