package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.KafkaForTests;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CopiedTopicTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();
  private static final String ID = "01arz3ndektsv4rrffq69g5fav";

  private Topics topics;

  @BeforeEach
  void makeTopics() {
    topics = FreshTopics.on(kafka, 1);
  }

  @Test
  void whatOneHasCopiedAllKnowAlsoLater() {
    try (CopiedTopic one = topic();
        CopiedTopic other = topic()) {
      Awaitility.await().until(() -> one.ready() && other.ready());
      one.add("server alice", "uid 1", ID);
      assertThat(one.contains("server alice", "uid 1")).isTrue();
      assertThat(one.contains("server alic", "euid 1")).isFalse();
      Awaitility.await().until(() -> other.contains("server alice", "uid 1"));
    }
    try (CopiedTopic next = topic()) {
      Awaitility.await().until(next::ready);
      assertThat(next.contains("server alice", "uid 1")).isTrue();
      assertThat(next.contains("server bob", "uid 1")).isFalse();
    }
  }

  private CopiedTopic topic() {
    return new CopiedTopic(kafka.clientProperties(), topics, 1000, Duration.ofSeconds(10));
  }
}
