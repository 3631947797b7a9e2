package io.postern.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.pipeline.PipelineException.Category;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

class SealedRawTopicTest {
  private static final String ALICE = "01arz3ndektsv4rrffq69g5fa0";
  private static final RawSettings SETTINGS = RawSettings.DEFAULT;

  /** Two sealed chunks; the first slice has a header, too. */
  private static final int SLICE_BYTES = 2 * 65_552;

  /** Plaintext of which one slice leaves before the end: a third chunk is begun and ends. */
  private static final int MORE_THAN_A_SLICE = 200_000;

  private final SecureRandom random = new SecureRandom();
  private final Keys.KeyPair keys = Keys.generate(true, random);
  private final List<Sent> log = new ArrayList<>();
  private RawSettings settings = SETTINGS;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private record Sent(
      Map<String, String> headers, byte[] value, CompletableFuture<Void> acknowledged) {
    boolean isLast() {
      return "last".equals(headers.get("flags"));
    }
  }

  @Test
  void aSmallMessageIsOneRecord() throws Exception {
    Submission submission = begin();
    byte[] message = write(submission, 4096);

    CompletableFuture<Void> committed = submission.commit().toCompletableFuture();

    assertThat(log).hasSize(1);
    assertThat(log.get(0).headers())
        .containsEntry("version", "1")
        .containsEntry("mailboxes", ALICE)
        .containsEntry("sequence", "0")
        .containsEntry("flags", "last")
        .containsEntry("transit-key", TransitKey.of(keys.recipient()).id());
    assertThat(committed).isNotDone();
    log.get(0).acknowledged().complete(null);
    assertThat(committed).isCompleted();
    assertThat(opened()).isEqualTo(message);
  }

  @Test
  void aLargeMessageLeavesInSlicesAsItComes() throws Exception {
    Submission submission = begin();
    byte[] message = write(submission, 1_000_000);
    assertThat(log).hasSizeGreaterThan(5).noneMatch(Sent::isLast);
    CompletableFuture<Void> committed = submission.commit().toCompletableFuture();

    acknowledgeAll();

    assertThat(committed).isCompleted();
    assertThat(opened()).isEqualTo(message);
    for (int i = 0; i < log.size(); i++) {
      assertThat(log.get(i).headers()).containsEntry("sequence", Integer.toString(i));
      assertThat(log.get(i).value().length).isBetween(1, SETTINGS.sliceBytes());
      assertThat(log.get(i).isLast()).isEqualTo(i == log.size() - 1);
    }
    assertThat(log.subList(1, log.size() - 1))
        .allSatisfy(sent -> assertThat(sent.value()).as("whole chunks").hasSize(SLICE_BYTES));
  }

  @Test
  void asksItsCallerToWaitWhileTooMuchIsUnacknowledged() {
    Submission submission = begin();
    assertThat(submission.writable()).isTrue();
    write(submission, (SETTINGS.maxUnacknowledged() + 2) * SETTINGS.sliceBytes());
    assertThat(submission.writable()).isFalse();
    CompletableFuture<Void> writable = submission.whenWritable().toCompletableFuture();
    assertThat(writable).isNotDone();

    acknowledgeAll();

    assertThat(writable).isCompleted();
    assertThat(submission.writable()).isTrue();
  }

  @Test
  void asksAllToWaitWhileTooMuchOfAllIsUnacknowledged() {
    settings = withInFlight(3 * SLICE_BYTES);
    SealedRawTopic topic = topic(outbox());
    List<Submission> submissions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      submissions.add(topic.begin(envelope()));
    }
    for (Submission submission : submissions.subList(0, 3)) {
      assertThat(submission.writable()).isTrue();
      write(submission, MORE_THAN_A_SLICE);
    }
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (Submission submission : submissions) {
      assertThat(submission.writable()).isFalse();
      waiting.add(submission.whenWritable().toCompletableFuture());
    }

    log.get(0).acknowledged().complete(null);
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    log.get(1).acknowledged().completeExceptionally(new IllegalStateException("gone"));

    assertFailed(waiting.remove(1), Category.UNAVAILABLE);
    assertThat(waiting).allMatch(CompletableFuture::isDone);
    assertThat(submissions).allMatch(Submission::writable);
  }

  @Test
  void tellsWhenACrowdOfSendersWaits() {
    SealedRawTopic topic = topic(outbox());
    assertThat(topic.sendersWait()).isFalse();
    for (int i = 0; i < 4; i++) {
      assertThat(topic.sendersWait()).as("with %d small messages on their way", i).isFalse();
      Submission submission = topic.begin(envelope());
      write(submission, 4096);
      submission.commit();
    }
    assertThat(topic.sendersWait()).isTrue();
    now = now.plusSeconds(1);
    assertThat(topic.sendersWait()).as("as long as they wait").isTrue();

    acknowledgeAll();

    assertThat(topic.sendersWait()).isFalse();
  }

  @Test
  void aCrowdThatWasServedAMomentAgoMayBeBackAtOnce() {
    SealedRawTopic topic = topic(outbox());
    Submission submission = topic.begin(envelope());
    write(submission, MORE_THAN_A_SLICE);
    acknowledgeAll();

    now = now.plusMillis(9);
    assertThat(topic.sendersWait()).isTrue();
    now = now.plusMillis(1);
    assertThat(topic.sendersWait()).isFalse();
  }

  @Test
  void oneLostSliceFailsTheWholeAndDeclaresTheRestVoid() {
    Submission submission = begin();
    write(submission, (SETTINGS.maxUnacknowledged() + 2) * SETTINGS.sliceBytes());
    CompletableFuture<Void> writable = submission.whenWritable().toCompletableFuture();

    log.get(1).acknowledged().completeExceptionally(new IllegalStateException("gone"));

    assertFailed(writable, Category.UNAVAILABLE);
    assertFailed(submission.commit().toCompletableFuture(), Category.UNAVAILABLE);
    assertThat(log.get(log.size() - 1).headers()).containsEntry("flags", "aborted");
    int before = log.size();
    write(submission, 1_000_000);
    submission.abort();
    assertThat(log).as("nothing follows").hasSize(before);
  }

  @Test
  void leavesNoTraceWhereNothingWasPublished() {
    Submission submission = begin();
    write(submission, 100);
    submission.abort();
    assertThat(log).isEmpty();
    assertFailed(submission.commit().toCompletableFuture(), Category.REFUSED);
  }

  @Test
  void aPreparedMessageIsWholeInTheLogAndItsOutcomeFollows() throws Exception {
    Submission submission = begin();
    byte[] message = write(submission, 4096);
    CompletableFuture<Void> prepared = submission.prepare().toCompletableFuture();
    assertThat(log).hasSize(1);
    assertThat(log.get(0).headers()).containsEntry("flags", "prepared");
    assertThat(prepared).isNotDone();
    acknowledgeAll();
    assertThat(prepared).isCompleted();

    CompletableFuture<Void> committed = submission.commit().toCompletableFuture();
    submission.abort();

    assertThat(log).hasSize(2);
    assertThat(log.get(1).isLast()).isTrue();
    assertThat(log.get(1).value()).isEmpty();
    assertThat(committed).isNotDone();
    acknowledgeAll();
    assertThat(committed).isCompleted();
    assertThat(opened()).isEqualTo(message);
  }

  @Test
  void aPreparedMessageCanBeTakenBack() {
    Submission submission = begin();
    write(submission, 4096);
    submission.prepare();
    acknowledgeAll();
    submission.abort();
    assertThat(log.get(1).headers()).containsEntry("flags", "aborted");
    submission.commit();
    submission.keepAlive();
    assertThat(log).as("nothing follows").hasSize(2);
  }

  @Test
  void isNotPreparedWhereASliceIsLost() {
    Submission submission = begin();
    write(submission, 4096);
    CompletableFuture<Void> prepared = submission.prepare().toCompletableFuture();
    log.get(0).acknowledged().completeExceptionally(new IllegalStateException("gone"));
    assertFailed(prepared, Category.UNAVAILABLE);
    assertThat(log.get(1).headers()).containsEntry("flags", "aborted");
  }

  @Test
  void aCommitThatIsLostNeverBecomesItsContrary() {
    Submission submission = begin();
    write(submission, 4096);
    submission.prepare();
    acknowledgeAll();
    CompletableFuture<Void> committed = submission.commit().toCompletableFuture();
    log.get(1).acknowledged().completeExceptionally(new IllegalStateException("gone"));
    assertFailed(committed, Category.UNAVAILABLE);
    assertThat(log).hasSize(2);
  }

  @Test
  void showsLifeWhileItsOutcomeIsOpen() {
    Submission submission = begin();
    write(submission, 4096);
    submission.prepare();
    acknowledgeAll();
    submission.keepAlive();
    assertThat(log).as("too early").hasSize(1);
    now = now.plus(SETTINGS.keepAlive());
    submission.keepAlive();
    assertThat(log).hasSize(2);
    assertThat(log.get(1).headers()).containsEntry("flags", "prepared");
    log.get(1).acknowledged().completeExceptionally(new IllegalStateException("gone"));
    submission.commit();
    assertThat(log.get(2).isLast()).as("a lost sign of life decides nothing").isTrue();
  }

  @Test
  void aSlowSendersSlicesLeaveWithOneChunk() throws Exception {
    Instant begun = now;
    Submission submission = begin();
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (int i = 0; i < 40; i++) {
      now = now.plusMillis(500);
      message.write(write(submission, 16 * 1024));
      acknowledgeAll();
    }
    assertThat(log).as("chunks of 640 KiB, but for what is not sealed yet").hasSize(10);
    assertThat(log.get(0).value()).as("a header, too").hasSizeBetween(65_552, 65_552 + 4096);
    assertThat(log.subList(1, 10)).allSatisfy(sent -> assertThat(sent.value()).hasSize(65_552));
    submission.commit();
    now = begun;
    assertThat(opened()).isEqualTo(message.toByteArray());
  }

  @Test
  void showsLifeWhileItsSenderIsSlow() {
    Submission submission = begin();
    write(submission, 70_000);
    now = now.plus(SETTINGS.keepAlive());
    write(submission, 1);
    assertThat(log).hasSize(1);
    acknowledgeAll();

    now = now.plus(SETTINGS.keepAlive());
    write(submission, 1);

    assertThat(log).hasSize(2);
    assertThat(log.get(1).value()).isEmpty();
  }

  @Test
  void isNotAcknowledgedWhereWorkersMayHaveGivenItUp() {
    Submission submission = begin();
    write(submission, 2 * SETTINGS.sliceBytes());
    log.get(0).acknowledged().complete(null);
    now = now.plus(RawSettings.maxSilence(SETTINGS.senderTimeout())).plusMillis(1);
    CompletableFuture<Void> committed = submission.commit().toCompletableFuture();

    acknowledgeAll();

    assertFailed(committed, Category.UNAVAILABLE);
  }

  @Test
  void failsWithinSecondsWhereKafkaIsAway() throws Exception {
    int port;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Map<String, Object> nobody = Map.of("bootstrap.servers", "127.0.0.1:" + port);
    RawSettings impatient =
        new RawSettings(
            128 * 1024,
            4,
            SETTINGS.maxInFlightBytes(),
            Duration.ofSeconds(1),
            SETTINGS.keepAlive(),
            SETTINGS.senderTimeout());
    try (QueuedOutbox outbox = SealedRawTopic.outbox(Kafka.of(nobody), impatient)) {
      List<CompletableFuture<Void>> commits = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Submission submission = topic(outbox).begin(envelope());
        write(submission, 100);
        commits.add(submission.commit().toCompletableFuture());
      }
      for (CompletableFuture<Void> commit : commits) {
        assertThatThrownBy(() -> commit.get(10, SECONDS))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOfSatisfying(
                PipelineException.class,
                e -> assertThat(e.category()).isEqualTo(Category.UNAVAILABLE));
      }
    }
  }

  private Submission begin() {
    return topic(outbox()).begin(envelope());
  }

  private Outbox outbox() {
    return (topic, key) ->
        (headers, value) -> {
          Sent sent = new Sent(texts(headers), value, new CompletableFuture<>());
          log.add(sent);
          return sent.acknowledged();
        };
  }

  private static RawSettings withInFlight(long bytes) {
    return new RawSettings(
        SETTINGS.sliceBytes(),
        SETTINGS.maxUnacknowledged(),
        bytes,
        SETTINGS.patience(),
        SETTINGS.keepAlive(),
        SETTINGS.senderTimeout());
  }

  private SealedRawTopic topic(Outbox outbox) {
    try {
      TransitKey key = TransitKey.of(keys.recipient());
      return new SealedRawTopic(outbox, Topics.embedded(), settings, () -> key, () -> now, random);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Envelope envelope() {
    return new Envelope(
        "sender@example.org",
        List.of(new Envelope.Copy(ALICE, "alice@example.com")),
        "192.0.2.1",
        "client",
        "ESMTPS",
        "",
        "tls",
        "mx",
        now,
        true);
  }

  private static byte[] write(Submission submission, int size) {
    byte[] message = new byte[size];
    new Random(size).nextBytes(message);
    for (int i = 0; i < size; i += 10_000) {
      submission.write(message, i, Math.min(10_000, size - i));
    }
    return message;
  }

  private void acknowledgeAll() {
    List.copyOf(log).forEach(sent -> sent.acknowledged().complete(null));
  }

  private byte[] opened() throws Exception {
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    try (Opener opener = new Opener(Keys.identities(keys.identityFile()))) {
      for (Sent sent : log) {
        opener.update(sent.value(), 0, sent.value().length, plaintext::write);
      }
      opener.finish(plaintext::write);
    }
    byte[] octets = plaintext.toByteArray();
    EnvelopeCodec.Reader reader = new EnvelopeCodec.Reader();
    int start = reader.read(octets, 0, octets.length);
    assertThat(reader.envelope()).isEqualTo(envelope());
    return Arrays.copyOfRange(octets, start, octets.length);
  }

  private static Map<String, String> texts(Iterable<Header> headers) {
    Map<String, String> texts = new HashMap<>();
    headers.forEach(h -> texts.put(h.key(), new String(h.value(), StandardCharsets.US_ASCII)));
    return texts;
  }

  private static void assertFailed(CompletableFuture<Void> future, Category category) {
    assertThatThrownBy(future::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            PipelineException.class, e -> assertThat(e.category()).isEqualTo(category));
  }
}
