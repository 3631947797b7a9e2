package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UlidsTest {
  private static final Instant TIME = Instant.parse("2026-03-04T05:06:07.089Z");
  private Instant now = TIME;

  @Test
  void sortAsTheyWereMadeAlsoWithinAMillisecondAndWhenTheClockStepsBack() {
    Ulids ids = new Ulids(() -> now, new SecureRandom());
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      now = TIME.plusMillis(i < 1000 ? 0 : i < 2000 ? -500 : i);
      made.add(ids.next());
    }
    assertThat(made).isSorted().doesNotHaveDuplicates().allMatch(Ulids::isUlid);
  }

  @Test
  void tellTheirTime() {
    assertThat(Ulids.time(new Ulids(InstantSource.fixed(TIME), new SecureRandom()).next()))
        .isEqualTo(TIME);
  }

  @Test
  void haveTheBitsOfTheirDigits() {
    String largest = "7zzzzzzzzzzzzzzzzzzzzzzzzz";
    assertThat(Ulids.upperBits(largest)).isEqualTo(-1);
    assertThat(Ulids.lowerBits(largest)).isEqualTo(-1);
    String one = "00000000000000000000000001";
    assertThat(Ulids.upperBits(one)).isZero();
    assertThat(Ulids.lowerBits(one)).isOne();
    String lowestOfUpper = "0000000000000g000000000000";
    assertThat(Ulids.upperBits(lowestOfUpper)).isOne();
    assertThat(Ulids.lowerBits(lowestOfUpper)).isZero();
  }

  @Test
  void areRecognisedStrictly() {
    assertThat(Ulids.isUlid("01arz3ndektsv4rrffq69g5fav")).isTrue();
    assertThat(Ulids.isUlid("01ARZ3NDEKTSV4RRFFQ69G5FAV")).as("upper case").isFalse();
    assertThat(Ulids.isUlid("81arz3ndektsv4rrffq69g5fav")).as("129 bits").isFalse();
    assertThat(Ulids.isUlid("01arz3ndektsv4rrffq69g5fau")).as("u is no digit").isFalse();
    assertThat(Ulids.isUlid("")).isFalse();
  }
}
