package io.postern.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;

/**
 * Answers {@link FinishedCopies} from a view of the ledger that is brought up to its end for each
 * batch of questions: whatever waits is answered together. Thread-safe.
 */
public final class LedgerCheck implements FinishedCopies, AutoCloseable {
  private record Question(
      String messageId, String mailboxId, Instant since, CompletableFuture<Boolean> answer) {}

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Duration slack;
  private final Instant floor;
  private final BiConsumer<Fact, CopySet> collect;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "ledger-check"));
  private List<Question> waiting = new ArrayList<>();

  // Of the thread: opened with the first question.
  private LedgerView view;
  private Instant viewSince;
  private CopySet finished;

  /**
   * @param kafka client settings
   * @param slack how far the clocks of two nodes may lie apart
   */
  public LedgerCheck(Map<String, Object> kafka, Topics topics, Duration slack) {
    this(kafka, topics, slack, Instant.MIN, LedgerReader::collect);
  }

  private LedgerCheck(
      Map<String, Object> kafka,
      Topics topics,
      Duration slack,
      Instant floor,
      BiConsumer<Fact, CopySet> collect) {
    this.kafka = kafka;
    this.topics = topics;
    this.slack = slack;
    this.floor = floor;
    this.collect = collect;
  }

  /** One that knows only what was deleted, and only by facts written at or after {@code since}. */
  public static LedgerCheck ofDeletions(Map<String, Object> kafka, Topics topics, Instant since) {
    return new LedgerCheck(
        kafka,
        topics,
        Duration.ZERO,
        since,
        (fact, deleted) -> {
          if (fact.kind() == Fact.Kind.DELETED) {
            LedgerReader.collect(fact, deleted);
          }
        });
  }

  @Override
  public CompletionStage<Boolean> contains(String messageId, String mailboxId) {
    Question question =
        new Question(
            messageId,
            mailboxId,
            // No fact about a message is older than the message.
            later(Ulids.time(messageId).minus(slack), floor),
            new CompletableFuture<>());
    synchronized (this) {
      waiting.add(question);
      if (waiting.size() == 1) {
        thread.execute(this::answer);
      }
    }
    return question.answer();
  }

  @Override
  public void close() {
    if (!thread.isShutdown()) {
      thread.execute(this::closeView);
      thread.shutdown();
    }
  }

  private void answer() {
    List<Question> questions;
    synchronized (this) {
      questions = waiting;
      waiting = new ArrayList<>();
    }
    try {
      catchUp(questions.stream().map(Question::since).min(Instant::compareTo).orElseThrow());
      questions.forEach(q -> q.answer().complete(finished.contains(q.messageId(), q.mailboxId())));
    } catch (RuntimeException e) {
      closeView();
      questions.forEach(q -> q.answer().completeExceptionally(KafkaErrors.translate(e)));
    }
  }

  private void catchUp(Instant since) {
    if (view == null || since.isBefore(viewSince)) {
      closeView();
      viewSince = since;
      finished = new CopySet();
      view = new LedgerView(kafka, topics, since);
    }
    view.catchUp(fact -> collect.accept(fact, finished));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  private void closeView() {
    if (view != null) {
      view.close();
      view = null;
    }
  }
}
