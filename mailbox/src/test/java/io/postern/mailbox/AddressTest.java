package io.postern.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      value = {
        "Jane.Roe@Example.ORG, jane.roe@example.org",
        "mbx-0123456789abcdef0123456789abcdef@Archive.example, "
            + "mbx-0123456789abcdef0123456789abcdef@archive.example",
        "\"jane.roe\"@example.org, jane.roe@example.org",
        "a@localhost, a@localhost",
        "o'hara+x=y@a-b.example, o'hara+x=y@a-b.example",
        "JÖRG@MÜLLER.example, jörg@müller.example",
        "x@xn--mller-kva.example, x@xn--mller-kva.example",
        "ジェーン@例え.テスト, ジェーン@例え.テスト"
      })
  void hasOneForm(String written, String normalised) {
    assertThat(Address.parse(written)).map(Address::toString).contains(normalised);
  }

  @Test
  void composesCharacters() {
    assertThat(Address.parse("jo\u0308rg@example.org"))
        .contains(new Address("jörg", "example.org"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "a",
        "a@",
        "@b",
        "a@b@c",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a b@c",
        "a@b c",
        "a@.b",
        "a@b.",
        "a@b..c",
        "a@-b",
        "a@b-",
        "a@b_c",
        "a\t@b",
        "a@b\n",
        "a\u0000@b",
        "a@[127.0.0.1]",
        "\"a b\"@c",
        "\"\"@c",
        "a\u00a0b@c",
        "a\u200bb@c",
        "<a@b>"
      })
  void othersAreNone(String text) {
    assertThat(Address.parse(text)).isEmpty();
  }

  @Test
  void hasLimits() {
    String local = "a".repeat(64);
    String domain = ("b".repeat(63) + ".").repeat(2) + "b".repeat(61);
    assertThat(Address.parse(local + "@" + domain)).isPresent();
    assertThat(Address.parse(local + "@" + domain + "b")).isEmpty();
    assertThat(Address.parse("a" + local + "@b")).isEmpty();
    assertThat(Address.parse("ä".repeat(33) + "@b")).isEmpty();
    assertThat(Address.parse("a@" + "b".repeat(64))).isEmpty();
    assertThat(Address.parse("a@" + "b".repeat(100_000))).isEmpty();
  }

  @Test
  void isOnlyMadeInItsOneForm() {
    assertThatThrownBy(() -> new Address("Jane", "example.org"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
