package io.postern.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.testkit.KafkaForTests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KafkaOutboxTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private final KafkaOutbox outbox =
      new KafkaOutbox(kafka.clientProperties(), "test", Duration.ofSeconds(30), Map.of());
  private Topics topics;

  @BeforeEach
  void create() {
    topics = FreshTopics.on(kafka, 1);
  }

  @AfterEach
  void close() {
    outbox.close();
  }

  @Test
  void aBundleGoesWhenNothingMoreComes() throws Exception {
    Outbox bundling = outbox.bundling();
    Outbox.Run run = bundling.run(topics.sealed(), "a");
    CompletableFuture<Void> first = run.send(List.of(), new byte[1000]);
    CompletableFuture<Void> second = run.send(List.of(), new byte[1000]);

    // Of a run beside it: had the bundle been handed over, it would be acknowledged before this.
    outbox.run(topics.sealed(), "b").send(List.of(), new byte[1000]).get(30, SECONDS);
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();

    bundling.flush();
    second.get(30, SECONDS);
    assertThat(first).isCompleted();
  }

  @Test
  void aBundleGoesWhenItIsEnough() throws Exception {
    Outbox.Run run = outbox.bundling().run(topics.sealed(), "a");
    List<CompletableFuture<Void>> enough = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      enough.add(run.send(List.of(), new byte[64 * 1024]));
    }
    CompletableFuture<Void> next = run.send(List.of(), new byte[1]);

    CompletableFuture.allOf(enough.toArray(CompletableFuture[]::new)).get(30, SECONDS);
    outbox.run(topics.sealed(), "b").send(List.of(), new byte[1]).get(30, SECONDS);
    assertThat(next).isNotDone();
  }

  @Test
  void whatComesAfterTheEndFails() {
    Outbox bundling = outbox.bundling();
    CompletableFuture<Void> late = bundling.run(topics.sealed(), "a").send(List.of(), new byte[1]);
    outbox.close();
    bundling.flush();

    assertThatThrownBy(() -> late.get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessage("this process is stopping");
  }
}
