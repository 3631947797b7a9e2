package io.postern.gateway.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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

  /** As the audit begins its lines: mailbox ids stand elsewhere in them. */
  private static final Pattern MESSAGE_ID = Pattern.compile("\\b01[0-9a-z]{24}\\b");

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
    Stack.say("seed " + SEED);
    compose.up();
    stack.trust(folder);
    for (String name : List.of("busy", "quiet", "rare")) {
      stack.create(name + "@example.org");
    }
    Stack.say("mailboxes are there");
    Supplier<List<Integer>> smtp = () -> compose.ports("ingest", 2525);
    try (Senders senders =
        new Senders(smtp, stack.trust(folder), SEED, MESSAGES, Duration.ZERO, stack::addressOf)) {
      disturb(senders);
      assertThat(senders.await(300)).as("every message got its 250").isTrue();
      Stack.say("all messages have their 250");
      stack.awaitStored(MESSAGES);
      Stack.say("all messages are stored");
      sweepAfterTheStore();
      Map<Mailbox, Map<String, Mail.Digest>> fetched =
          stack.fetchAndCompare(senders, SEED, MESSAGES);
      Stack.say("fetched and compared: " + fetched.values().stream().mapToInt(Map::size).sum());
      recover(fetched);
      continueAfter(fetched);
    } catch (AssertionError | RuntimeException e) {
      System.err.println(compose.logs());
      throw e;
    }
  }

  /**
   * A server of S3 that keeps objects as files and is killed while it writes one leaves its own
   * temporary file, named after the object and a UUID, which it lists as an object.
   */
  private void sweepAfterTheStore() {
    String leftover = "*.age*????????-????-????-????-????????????";
    compose.shell("minio", "find /data/postern -type f -name '" + leftover + "' -delete");
  }

  /** The bucket lost, in part and as a whole. */
  private void recover(Map<Mailbox, Map<String, Mail.Digest>> fetched) {
    assertThat(audit()).isEmpty();
    Mailbox busy = fetched.keySet().iterator().next();
    String removed = fetched.get(busy).keySet().iterator().next();
    compose.shell(
        "minio", "find /data/postern/mailboxes -name '" + removed + "-*' -prune -exec rm -rf {} +");
    assertThat(audit()).as("what the audit names").containsExactly(removed);
    Stack.say("the audit names the message whose object is gone");

    for (Map.Entry<Mailbox, Map<String, Mail.Digest>> mailbox : fetched.entrySet()) {
      List<String> deleted = mailbox.getValue().keySet().stream().skip(5).limit(7).toList();
      mailbox.getKey().delete(deleted);
      mailbox.getValue().keySet().removeAll(deleted);
    }
    compose.shell("minio", "rm -rf /data/postern/mailboxes");
    Stack.say(compose.postern("", "replay", "sealed").lines().reduce((a, b) -> b).orElse(""));
    requireAll(fetched);
    assertThat(audit()).isEmpty();
    Stack.say("the bucket was lost: what was not deleted is back, and nothing else");
  }

  /** Kafka lost: mailboxes out of the bucket, and mail goes on. */
  private void continueAfter(Map<Mailbox, Map<String, Mail.Digest>> fetched) throws Exception {
    compose.compose("", "stop");
    compose.compose("", "rm", "-f", "kafka");
    compose.removeVolume("kafka");
    // What ingest does not know it refuses: it is started when the mailboxes are known again.
    compose.compose("", "up", "-d", "--no-build", "kafka", "minio", "setup");
    compose.postern("", "recover", "directory");
    scale(1, 1);
    requireAll(fetched);
    Stack.say("Kafka was lost: mailboxes and mail are there");
    int more = 20;
    Supplier<List<Integer>> smtp = () -> compose.ports("ingest", 2525);
    Mailbox busy = fetched.keySet().iterator().next();
    int before = busy.count();
    try (Senders senders =
        new Senders(
            smtp, stack.trust(folder), SEED, more, Duration.ZERO, number -> busy.address())) {
      assertThat(senders.await(120)).as("every message got its 250").isTrue();
    }
    stack.awaitStored(fetched.values().stream().mapToInt(Map::size).sum() + more);
    assertThat(busy.count()).isEqualTo(before + more);
    Stack.say("mail goes on");
  }

  private static void requireAll(Map<Mailbox, Map<String, Mail.Digest>> fetched) {
    fetched.forEach(
        (mailbox, mails) ->
            assertThat(mailbox.fetch().equals(mails)).as("all of %s", mailbox.address()).isTrue());
  }

  /** The messages that the audit names, which must fit its exit code. */
  private List<String> audit() {
    Compose.Result audit = compose.tryPostern("", "audit");
    List<String> named =
        MESSAGE_ID.matcher(audit.output()).results().map(MatchResult::group).distinct().toList();
    assertThat(audit.exitCode()).as(audit.output()).isEqualTo(named.isEmpty() ? 0 : 1);
    return named;
  }

  private void disturb(Senders senders) {
    awaitAccepted(senders, MESSAGES / 20);
    scale(2, 3);
    for (String service : List.of("crypto-worker", "store-worker", "ingest", "pop3-frontend")) {
      Stack.say(service + " is killed, " + senders.accepted() + " accepted so far");
      compose.docker("start", compose.kill(service));
    }
    scale(1, 1);
    Stack.say("scaled down, " + senders.accepted() + " accepted so far");
    for (String service : List.of("minio", "kafka")) {
      Stack.say(service + " is killed, " + senders.accepted() + " accepted so far");
      compose.docker("start", compose.kill(service));
    }
    scale(2, 3);
    Stack.say("scaled up, " + senders.accepted() + " accepted so far");
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
}
