package io.postern.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.postern.protocol.smtp.MailReceiver.Answer;
import io.postern.protocol.smtp.MailReceiver.Failure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What ingest counts; never anything of a person. */
final class IngestMeters {
  private final Counter messages;
  private final Counter messageBytes;
  private final Counter takenBack;
  private final Timer commits;
  private final Map<Answer, Counter> recipients = new EnumMap<>(Answer.class);
  private final Map<Failure.Category, Counter> failures = new EnumMap<>(Failure.Category.class);

  IngestMeters(MeterRegistry registry) {
    messages = registry.counter("postern.ingest.messages");
    messageBytes = registry.counter("postern.ingest.message.bytes");
    takenBack = registry.counter("postern.ingest.aborted");
    commits =
        Timer.builder("postern.ingest.commit")
            .description("from a message's last octet to Kafka's acknowledgement")
            .publishPercentileHistogram()
            .register(registry);
    for (Answer answer : Answer.values()) {
      recipients.put(
          answer, registry.counter("postern.ingest.recipients", "answer", label(answer)));
    }
    for (Failure.Category category : Failure.Category.values()) {
      failures.put(
          category, registry.counter("postern.ingest.failures", "category", label(category)));
    }
  }

  void recipient(Answer answer) {
    recipients.get(answer).increment();
  }

  void accepted(long sizeBytes, Duration commit) {
    messages.increment();
    messageBytes.increment(sizeBytes);
    commits.record(commit);
  }

  void failed(Failure.Category category) {
    failures.get(category).increment();
  }

  void aborted() {
    takenBack.increment();
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
