package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise: a message that got its 250 comes out once and intact, whenever the process is
 * killed.
 */
class CrashTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final String PASSWORD = "correct horse battery staple";
  private static final int SENDERS = 4;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final int kills = Integer.getInteger("crash.kills", 3);
  private final Random random = new Random(seed);
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final Set<String> begun = ConcurrentHashMap.newKeySet();

  /**
   * Fetched, and their deletion asked for: gone for sure only where the server has confirmed it.
   */
  private final Set<String> handedOver = ConcurrentHashMap.newKeySet();

  private final Set<String> deleted = ConcurrentHashMap.newKeySet();
  private final List<String> pulled = new ArrayList<>();

  @Test
  void what_was_accepted_comes_out_once_whenever_the_process_is_killed(@TempDir Path folder)
      throws Exception {
    System.err.println("crash.seed=" + seed);
    Path data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
    for (int round = 0; round < kills; round++) {
      try (PosternProcess postern = PosternProcess.start(data, Map.of(), "-Xmx512m")) {
        killUnderLoad(postern);
      }
    }
    try (PosternProcess postern = PosternProcess.start(data, Map.of(), "-Xmx512m")) {
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(
              () -> {
                pull(postern, false);
                assertThat(pulled)
                    .as("seed %d", seed)
                    .containsAll(
                        accepted.stream().filter(digest -> !handedOver.contains(digest)).toList());
              });
      postern.stop();
    }
    assertThat(pulled).as("seed %d: nothing twice", seed).doesNotHaveDuplicates().isSubsetOf(begun);
    assertThat(pulled)
        .as("seed %d: what was deleted stays deleted", seed)
        .noneMatch(deleted::contains);
  }

  /**
   * Some senders, one archiver that deletes what it has, and the kill after a random number of
   * acceptances.
   */
  private void killUnderLoad(PosternProcess postern) throws Exception {
    int enough = accepted.size() + 20 + random.nextInt(300);
    ExecutorService clients = Executors.newFixedThreadPool(SENDERS + 1);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      long own = random.nextLong();
      running.add(
          clients.submit(
              () -> {
                sendUntilItDies(postern, new Random(own));
                return null;
              }));
    }
    running.add(
        clients.submit(
            () -> {
              pullUntilItDies(postern);
              return null;
            }));
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> accepted.size() >= enough);
    postern.kill();
    for (Future<?> client : running) {
      client.get(1, TimeUnit.MINUTES);
    }
    clients.shutdown();
  }

  private void sendUntilItDies(PosternProcess postern, Random own) throws GeneralSecurityException {
    try (SmtpSender sender = new SmtpSender(postern.port("SMTP STARTTLS"), postern.trust())) {
      while (true) {
        byte[] body = new byte[own.nextInt(20) == 0 ? own.nextInt(3_000_000) : own.nextInt(20_000)];
        for (int i = 0; i < body.length; i++) {
          body[i] = (byte) (i % 70 == 68 ? '\r' : i % 70 == 69 ? '\n' : 'a' + own.nextInt(26));
        }
        String text = new String(body, StandardCharsets.US_ASCII).stripTrailing() + "\r\n";
        MarkedMail mail = MarkedMail.of(text);
        begun.add(mail.digest());
        sender.send(
            "sender@postern.example",
            ADDRESS,
            (mail.header() + mail.body()).getBytes(StandardCharsets.US_ASCII));
        accepted.add(mail.digest());
      }
    } catch (IOException e) {
      // The kill ends every sender; what counts is which messages got their 250 before.
    }
  }

  private void pullUntilItDies(PosternProcess postern) throws GeneralSecurityException {
    try {
      while (true) {
        pull(postern, true);
      }
    } catch (IOException e) {
      // The kill ends the archiver too.
    }
  }

  /**
   * Fetches everything; what a session has deleted counts once the server has confirmed its end.
   */
  private void pull(PosternProcess postern, boolean delete)
      throws IOException, GeneralSecurityException {
    List<String> now = new ArrayList<>();
    Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust());
    assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
    int count = reader.count();
    for (int number = 1; number <= count; number++) {
      now.add(intact(new String(reader.retrieve(number), StandardCharsets.US_ASCII)));
      if (delete) {
        reader.delete(number);
      }
    }
    if (delete) {
      handedOver.addAll(now);
    }
    reader.close();
    if (delete) {
      assertThat(now).as("seed %d", seed).noneMatch(deleted::contains);
      deleted.addAll(now);
    } else {
      pulled.clear();
      pulled.addAll(now);
    }
  }

  private String intact(String message) {
    return MarkedMail.in(message, "seed " + seed).digest();
  }
}
