package io.postern.gateway.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers, two of every service and a balancer in containers: each broker is killed under
 * load and comes back, and no message that got its 250 is lost.
 */
@Tag("container")
@Timeout(1200)
class ClusterTest {
  private static final List<String> BROKERS = List.of("kafka", "kafka-2", "kafka-3");
  private static final String BALANCER = "172.31.250.10";
  private static final String BESIDE_THE_BALANCER = "172.31.250.1";

  /**
   * The load goes on until the last broker is back; about so many messages a second: what leaves
   * two cores room for a broker to start.
   */
  private static final int RATE = 10;

  private static final Duration REST = Duration.ofMillis(8 * 1000 / RATE);
  private static final int NO_END = 1_000_000;
  private static final long SEED = Long.getLong("container.seed", System.nanoTime());

  /** Twelve JVMs share the machine's cores, and a broker that comes back has a log to mend. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Each look is a JVM of its own, which the brokers would have to wait for. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  /**
   * Prints the partitions without all replicas. Any broker is asked, for the one that came back
   * last may not listen yet, and where none answers there is more to wait for.
   */
  private static final String BEHIND =
      "/opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:9092,kafka-2:9092,kafka-3:9092"
          + " --describe --under-replicated-partitions 2>/dev/null || echo no answer";

  @TempDir private Path folder;
  private Compose compose;
  private Stack stack;

  @BeforeEach
  void setUp() {
    Compose.requireEngine();
    compose = new Compose("compose.yaml", "compose.cluster.yaml");
    stack = new Stack(compose, () -> compose.ports("balancer", 2995));
  }

  @AfterEach
  void tearDown() {
    if (compose != null) {
      compose.close();
    }
  }

  @Test
  void anyOneBrokerMayDieUnderLoad() throws Exception {
    Stack.say("seed " + SEED);
    compose.up();
    stack.trust(folder);
    List<Mailbox> mailboxes =
        List.of(stack.create("busy@example.org"), stack.create("quiet@example.org"));
    Stack.say("mailboxes are there");
    Supplier<List<Integer>> smtp = () -> compose.ports("balancer", 2525);
    try (Senders senders =
        new Senders(smtp, stack.trust(folder), SEED, NO_END, REST, stack::addressOf)) {
      for (String broker : BROKERS) {
        awaitAccepted(senders, senders.accepted() + 2 * RATE);
        String container = compose.kill(broker);
        int before = senders.accepted();
        Stack.say(broker + " is killed, " + before + " accepted so far");
        // Two brokers of three are enough to take mail.
        awaitAccepted(senders, before + 2 * RATE);
        compose.docker("start", container);
        awaitInSync();
      }
      int messages = senders.enough();
      assertThat(senders.await(300)).as("every message got its 250").isTrue();
      Stack.say("all messages have their 250");
      stack.awaitStored(messages);
      stack.fetchAndCompare(senders, SEED, messages);
      Stack.say("fetched and compared: " + messages);
      // Through the balancer the service sees who the client is: here the host of the containers.
      assertThat(mailboxes.get(0).traceHeaders())
          .contains("([" + BESIDE_THE_BALANCER + "])")
          .doesNotContain(BALANCER + "]");
    } catch (AssertionError | RuntimeException e) {
      System.err.println(compose.logs());
      throw e;
    }
  }

  /** Until then the next broker's death would take more than one copy away. */
  private void awaitInSync() {
    Awaitility.await()
        .pollDelay(LOOK)
        .pollInterval(LOOK)
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(compose.shell("kafka", BEHIND))
                    .as("partitions without all replicas")
                    .isBlank());
  }

  private static void awaitAccepted(Senders senders, int messages) {
    Awaitility.await("mail is taken").atMost(PATIENCE).until(() -> senders.accepted() >= messages);
  }
}
