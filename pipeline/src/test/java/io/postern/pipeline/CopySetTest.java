package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopySetTest {
  private final Ulids ids = new Ulids(InstantSource.system(), new SecureRandom());

  @Test
  void holdsExactlyWhatWasAdded() {
    CopySet copies = new CopySet();
    List<String> messages = new ArrayList<>();
    String alice = ids.next();
    String bob = ids.next();
    for (int i = 0; i < 20_000; i++) {
      messages.add(ids.next());
      assertThat(copies.add(messages.get(i), i % 2 == 0 ? alice : bob)).isTrue();
    }
    assertThat(copies.size()).isEqualTo(20_000);
    for (int i = 0; i < 20_000; i++) {
      assertThat(copies.contains(messages.get(i), alice)).isEqualTo(i % 2 == 0);
      assertThat(copies.contains(messages.get(i), bob)).isEqualTo(i % 2 == 1);
    }
    assertThat(copies.add(messages.get(0), alice)).as("again").isFalse();
    assertThat(copies.contains(alice, messages.get(0))).as("the other way round").isFalse();
  }

  @Test
  void remembersAtLeastTheLastOnes() {
    RecentCopies recent = new RecentCopies(10);
    String alice = ids.next();
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      messages.add(ids.next());
      recent.add(messages.get(i), alice);
      assertThat(messages.subList(Math.max(0, i - 9), i + 1))
          .allMatch(message -> recent.contains(message, alice));
    }
    assertThat(recent.contains(messages.get(0), alice)).isFalse();
  }
}
