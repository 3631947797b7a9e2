package io.postern.gateway.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The services in containers, scaled and killed while mail flows, then fetched and compared; the
 * bucket lost, and what the commands of recovery say and do.
 */
@Tag("container")
@Timeout(1200)
class ServicesTest {
  private static final int MESSAGES = Integer.getInteger("container.messages", 2000);
  private static final long SEED = Long.getLong("container.seed", System.nanoTime());

  @TempDir private Path folder;
  private Compose compose;
  private Stack stack;

  @BeforeEach
  void setUp() {
    Compose.requireEngine();
    compose = new Compose("compose.yaml");
    stack = new Stack(compose, () -> compose.ports("pop3-frontend", 2995));
  }

  @AfterEach
  void tearDown() {
    if (compose != null) {
      compose.close();
    }
  }

  @Test
  void scaledAndKilledWhileMailFlows() throws Exception {
    say("seed " + SEED);
    compose.up();
    stack.trust(folder);
    for (String name : List.of("busy", "quiet", "rare")) {
      stack.create(name + "@example.org");
    }
    say("mailboxes are there");
    Supplier<List<Integer>> smtp = () -> compose.ports("ingest", 2525);
    try (Senders senders =
        new Senders(smtp, stack.trust(folder), SEED, MESSAGES, stack::addressOf)) {
      disturb(senders);
      assertThat(senders.await(300)).as("every message got its 250").isTrue();
      say("all messages have their 250");
      stack.awaitStored(MESSAGES);
      say("all messages are stored");
      Map<Mailbox, Map<String, Mail>> fetched = stack.fetchAndCompare(senders, SEED, MESSAGES);
      say("fetched and compared: " + fetched.values().stream().mapToInt(Map::size).sum());
    } catch (AssertionError | RuntimeException e) {
      System.err.println(compose.logs());
      throw e;
    }
  }

  private void disturb(Senders senders) {
    awaitAccepted(senders, MESSAGES / 20);
    scale(2, 3);
    for (String service : List.of("crypto-worker", "store-worker", "ingest", "pop3-frontend")) {
      say(service + " is killed, " + senders.accepted() + " accepted so far");
      compose.docker("start", compose.kill(service));
    }
    scale(1, 1);
    say("scaled down, " + senders.accepted() + " accepted so far");
    for (String service : List.of("minio", "kafka")) {
      say(service + " is killed, " + senders.accepted() + " accepted so far");
      compose.docker("start", compose.kill(service));
    }
    scale(2, 3);
    say("scaled up, " + senders.accepted() + " accepted so far");
  }

  private void scale(int front, int workers) {
    compose.up(
        "ingest=" + front,
        "pop3-frontend=" + front,
        "crypto-worker=" + workers,
        "store-worker=" + workers);
  }

  private static void awaitAccepted(Senders senders, int messages) {
    while (senders.accepted() < messages) {
      Stack.pause(100);
    }
  }

  private static void say(String line) {
    System.out.println("containers: " + line);
  }
}
