package io.postern.protocol.pop3;

import static io.postern.protocol.pop3.Verb.Phase.AUTHORIZATION;
import static io.postern.protocol.pop3.Verb.Phase.TRANSACTION;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class VerbTest {
  @Test
  void legality() {
    assertThat(legal(AUTHORIZATION, false))
        .isEqualTo(EnumSet.of(Verb.CAPA, Verb.QUIT, Verb.STLS, Verb.UTF8));
    assertThat(legal(AUTHORIZATION, true))
        .isEqualTo(EnumSet.of(Verb.CAPA, Verb.QUIT, Verb.UTF8, Verb.USER, Verb.PASS, Verb.AUTH));
    assertThat(legal(TRANSACTION, true))
        .isEqualTo(
            EnumSet.complementOf(
                EnumSet.of(Verb.STLS, Verb.UTF8, Verb.USER, Verb.PASS, Verb.AUTH)));
  }

  private static Set<Verb> legal(Verb.Phase phase, boolean tls) {
    return EnumSet.allOf(Verb.class).stream()
        .filter(verb -> verb.refusal(phase, tls).isEmpty())
        .collect(Collectors.toSet());
  }
}
