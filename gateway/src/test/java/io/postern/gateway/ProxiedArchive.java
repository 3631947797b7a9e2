package io.postern.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.broker.EmbeddedKafka;
import io.postern.gateway.client.Pop3Reader;
import io.postern.pipeline.Fact;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a proxy has brought into the archive: the mailbox of its copies, and the ledger. */
final class ProxiedArchive {
  static final String ADDRESS = "archive@postern.example";
  static final String PASSWORD = "correct horse battery staple";

  /** Workers drop after seconds what never got its end. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Pattern ID = Pattern.compile(" id ([0-9a-z]{26})");

  private ProxiedArchive() {}

  /**
   * Digest → message ids of everything in the mailbox, each intact.
   *
   * @param what is tested, for failures
   */
  static Map<String, List<String>> pull(PosternProcess postern, String what) throws Exception {
    Map<String, List<String>> found = new HashMap<>();
    try (Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust())) {
      assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
      int count = reader.count();
      for (int number = 1; number <= count; number++) {
        String message = new String(reader.retrieve(number), ISO_8859_1);
        Matcher id = ID.matcher(message);
        assertThat(id.find()).as(what).isTrue();
        found
            .computeIfAbsent(MarkedMail.in(message, what).digest(), key -> new ArrayList<>())
            .add(id.group(1));
      }
    }
    return found;
  }

  /**
   * All that the real server has accepted comes into the archive, each message once; what it has
   * refused is there as unconfirmed at most.
   *
   * @param data of the Postern that has the archive
   * @param what is tested, for failures
   */
  static void awaitAccepted(PosternProcess postern, Path data, RealServer server, String what)
      throws IOException {
    Map<String, List<String>> archived = new HashMap<>();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              archived.clear();
              archived.putAll(pull(postern, what));
              assertThat(archived.keySet()).as(what).containsAll(server.accepted);
            });
    Set<String> unconfirmed = unconfirmed(data);
    archived.forEach(
        (digest, ids) -> {
          assertThat(ids).as("%s: archived once", what).hasSize(1);
          if (server.refused.contains(digest)) {
            assertThat(unconfirmed)
                .as("%s: refused, and archived as delivered", what)
                .containsAll(ids);
          }
        });
  }

  /** The ids of messages whose outcome at the real server a kill has left open. */
  private static Set<String> unconfirmed(Path data) throws IOException {
    Set<String> unconfirmed = new HashSet<>();
    new LedgerReader(
            EmbeddedKafka.clientProperties(data.resolve("kafka")).orElseThrow(), Topics.embedded())
        .read(
            Instant.EPOCH,
            fact -> {
              if (Fact.UNCONFIRMED.equals(fact.detail())) {
                unconfirmed.add(fact.messageId());
              }
            });
    return unconfirmed;
  }
}
