package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Large messages pass through a small heap: 512 MiB for the whole process, embedded broker
 * included.
 */
@Tag("heavy")
class MemoryTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final String PASSWORD = "correct horse battery staple";
  private static final int LARGEST = 250 << 20;
  private static final int MANY = 64;

  @Test
  void one_message_of_the_largest_size_and_64_of_25_MB_at_once(@TempDir Path folder)
      throws Exception {
    Path data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
    try (PosternProcess postern = PosternProcess.start(data, Map.of(), "-Xmx512m")) {
      byte[] largest = lines(LARGEST);
      send(postern, largest);
      pull(postern, 1, largest);
      byte[] large = lines(25_000_000);
      sendAtOnce(postern, large);
      pull(postern, MANY, large);
      postern.stop();
    }
  }

  private static void sendAtOnce(PosternProcess postern, byte[] message) throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(MANY);
    List<Future<?>> sent = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      sent.add(
          senders.submit(
              () -> {
                send(postern, message);
                return null;
              }));
    }
    for (Future<?> one : sent) {
      one.get(10, TimeUnit.MINUTES);
    }
    senders.shutdown();
  }

  private static void send(PosternProcess postern, byte[] message) throws Exception {
    try (SmtpSender sender = new SmtpSender(postern.port("SMTP STARTTLS"), postern.trust())) {
      sender.send("sender@postern.example", ADDRESS, message);
    }
  }

  /** Waits until so many messages are there, compares each, and deletes them. */
  private static void pull(PosternProcess postern, int messages, byte[] expected) throws Exception {
    await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> count(postern) == messages);
    try (Pop3Reader reader = login(postern)) {
      for (int number = 1; number <= messages; number++) {
        byte[] message = reader.retrieve(number);
        int from = message.length - expected.length;
        assertThat(Arrays.equals(message, from, message.length, expected, 0, expected.length))
            .isTrue();
        reader.delete(number);
      }
    }
  }

  private static int count(PosternProcess postern) throws Exception {
    try (Pop3Reader reader = login(postern)) {
      return reader.count();
    }
  }

  private static Pop3Reader login(PosternProcess postern) throws Exception {
    Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust());
    assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
    return reader;
  }

  private static byte[] lines(int size) {
    byte[] message = new byte[size];
    byte[] line = ("." + "0123456789".repeat(7) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < size; i++) {
      message[i] = line[i % line.length];
    }
    message[size - 2] = '\r';
    message[size - 1] = '\n';
    return message;
  }
}
