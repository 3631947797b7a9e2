package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.pipeline.CopyTable.Sign;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyTableTest {
  private final Ulids ids = new Ulids(InstantSource.system(), new SecureRandom());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void remembersWhatAMapWould(long seed) {
    Random dice = new Random(seed);
    List<String> mailboxes = new ArrayList<>(List.of(ids.next(), ids.next(), ids.next()));
    mailboxes.add(null);
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      messages.add(ids.next());
    }
    CopyTable table = new CopyTable(100_000);
    Map<String, Set<Sign>> model = new HashMap<>();
    for (int i = 0; i < 40_000; i++) {
      String message = messages.get(dice.nextInt(messages.size()));
      String mailbox = mailboxes.get(dice.nextInt(mailboxes.size()));
      Sign sign = Sign.values()[dice.nextInt(Sign.values().length)];
      table.mark(message, mailbox, sign);
      table.number(message, mailbox, (message + mailbox).hashCode());
      model.computeIfAbsent(message + mailbox, key -> EnumSet.noneOf(Sign.class)).add(sign);
    }
    assertThat(table.size()).isEqualTo(model.size());
    Map<String, Set<Sign>> seen = new HashMap<>();
    table.forEach(
        entry -> {
          Set<Sign> signs = EnumSet.noneOf(Sign.class);
          for (Sign sign : Sign.values()) {
            if (entry.has(sign)) {
              signs.add(sign);
            }
          }
          String key = entry.messageId() + entry.mailboxId();
          assertThat(entry.number()).isEqualTo(key.hashCode());
          assertThat(seen.put(key, signs)).as("each once").isNull();
        });
    assertThat(seen).isEqualTo(model);
    assertThat(table.contains(ids.next(), mailboxes.get(0))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000})
  void takesNoMoreThanItsLimit(int limit) {
    CopyTable table = new CopyTable(limit);
    for (int i = 0; i < limit; i++) {
      table.mark(ids.next(), null, Sign.STORED);
    }
    assertThatThrownBy(() -> table.mark(ids.next(), null, Sign.STORED))
        .isInstanceOf(CopyTable.FullException.class);
    assertThat(table.size()).isEqualTo(limit);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesASignBackButNeverTheLast(boolean both) {
    CopyTable table = new CopyTable(10);
    String message = ids.next();
    table.mark(message, null, Sign.DEAD);
    if (both) {
      table.mark(message, null, Sign.ACCEPTED);
    }
    table.unmark(message, null, Sign.DEAD);
    assertThat(table.has(message, null, Sign.DEAD)).isEqualTo(!both);
    assertThat(table.contains(message, null)).isTrue();
  }
}
