package io.postern.gateway.recovery;

import io.postern.mailbox.Mailbox;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CompleteAttempts.Found;
import io.postern.pipeline.CopyTable;
import io.postern.pipeline.CopyTable.Sign;
import io.postern.pipeline.RawReplay;
import io.postern.pipeline.TopicReader;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.WorkerMarks;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Sends once more what still lies in {@code raw} and has not arrived. */
final class Resending {
  /**
   * What came of it.
   *
   * @param found messages that should be sent
   * @param sent those that were
   */
  record Result(int found, int sent) {}

  private final Parts parts;
  private final RawReplay raw;
  private final Progress progress;
  private final BiConsumer<String, Long> told;

  /**
   * A resending.
   *
   * @param told hears of every message that is found, with its sealed octets
   */
  Resending(Parts parts, RawReplay raw, Progress progress, BiConsumer<String, Long> told) {
    this.parts = parts;
    this.raw = raw;
    this.progress = progress;
    this.told = told;
  }

  /**
   * Does it.
   *
   * @param skipSealed whether what waits in {@code sealed} is wrong and to be passed over
   */
  Result run(Window window, Optional<Mailbox> mailbox, boolean skipSealed, boolean dryRun)
      throws StoreException {
    // Before anything is sent: what is sealed from then on is right.
    Map<Integer, Long> wrong = skipSealed ? raw.sealedSoFar() : Map.of();
    // Before the survey: what a worker finishes meanwhile is still the worker's.
    WorkerMarks marks = WorkerMarks.read(parts.kafka(), parts.topics());
    CopyTable table = Survey.of(parts, window, mailbox, progress);
    List<Found> found;
    try (Progress.Stretch stretch = progress.begin("raw", behind())) {
      found =
          raw.find(
              message ->
                  Ulids.isUlid(message.messageId())
                      && window.holds(message.messageId())
                      && !marks.rawUnderWay(message.partition(), message.firstOffset())
                      && message.mailboxIds().stream()
                          .filter(id -> mailbox.map(m -> m.id().equals(id)).orElse(true))
                          .anyMatch(id -> isMissing(table, message.messageId(), id, skipSealed)),
              stretch::step);
    }
    found.forEach(message -> told.accept(message.messageId(), message.octets()));
    if (dryRun) {
      return new Result(found.size(), 0);
    }
    int sent;
    try (Progress.Stretch stretch = progress.begin("send", -1)) {
      sent = raw.send(found, stretch::step);
    }
    if (skipSealed && sent == found.size()) {
      raw.skipSealed(wrong);
    }
    return new Result(found.size(), sent);
  }

  private boolean isMissing(
      CopyTable table, String messageId, String mailboxId, boolean skipSealed) {
    if (parts.directory().byId(mailboxId).isEmpty() || table.has(messageId, null, Sign.DEAD)) {
      return false;
    }
    boolean settled =
        table.has(messageId, mailboxId, Sign.OBJECT)
            || table.has(messageId, mailboxId, Sign.DELETED)
            || table.has(messageId, mailboxId, Sign.STORED)
            || table.has(messageId, mailboxId, Sign.DEAD);
    return !settled && (skipSealed || !table.has(messageId, mailboxId, Sign.UNDER_WAY));
  }

  private long behind() {
    try (TopicReader reader = TopicReader.from(parts.kafka(), parts.topics().raw(), Map.of())) {
      return reader.behind();
    }
  }
}
