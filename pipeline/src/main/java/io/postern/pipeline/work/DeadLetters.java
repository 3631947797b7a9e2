package io.postern.pipeline.work;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.Outbox;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Writes dead letters: the message's own records, whole, with headers that say why and where from.
 * Without these headers and sent back to where they came from, they are the message again.
 */
public final class DeadLetters {
  /** Headers that a dead letter has besides the record's own begin so. */
  public static final String HEADER_PREFIX = "dead-";

  static final String CATEGORY = HEADER_PREFIX + "category";
  static final String TEXT = HEADER_PREFIX + "text";
  static final String MAILBOXES = HEADER_PREFIX + "mailboxes";
  static final String ORIGIN = HEADER_PREFIX + "origin";

  private static final String UNKNOWN = "unknown";

  private final Outbox outbox;
  private final String topic;
  private final Ledger ledger;
  private final InstantSource clock;
  private final Executor loop;
  private final InFlight inFlight;

  public DeadLetters(
      Outbox outbox,
      String topic,
      Ledger ledger,
      InstantSource clock,
      Executor loop,
      InFlight inFlight) {
    this.outbox = outbox;
    this.topic = topic;
    this.ledger = ledger;
    this.clock = clock;
    this.loop = loop;
    this.inFlight = inFlight;
  }

  /** The job that carries one message over. */
  public Job job(DeadReason reason) {
    return new Carrying(reason);
  }

  private final class Carrying implements Job {
    private final DeadReason reason;
    private final PendingAcks acks = new PendingAcks(loop, inFlight);
    private Outbox.Run run;

    Carrying(DeadReason reason) {
      this.reason = reason;
    }

    @Override
    public void take(Delivery delivery) {
      ConsumerRecord<byte[], byte[]> record = delivery.record();
      byte[] value = record.value() == null ? new byte[0] : record.value();
      if (run == null) {
        run = outbox.run(topic, name(delivery));
      }
      if (!delivery.unconfirmed()) {
        acks.expect(run.send(headers(record), value), value.length);
      }
      if (delivery.isLast()) {
        facts(delivery).forEach(fact -> acks.expect(ledger.write(List.of(fact)), 0));
        acks.close();
      }
    }

    @Override
    public CompletionStage<Outcome> outcome() {
      return acks.outcome();
    }

    @Override
    public void drop() {
      // What has been written so far stays: a dead letter may come more than once.
    }

    private List<Header> headers(ConsumerRecord<byte[], byte[]> record) {
      List<Header> headers = new ArrayList<>(List.of(record.headers().toArray()));
      // A letter that dies again is about its latest death.
      headers.removeIf(header -> header.key().startsWith(HEADER_PREFIX));
      headers.add(header(CATEGORY, reason.category().name()));
      headers.add(header(TEXT, reason.text()));
      if (!reason.mailboxIds().isEmpty()) {
        headers.add(header(MAILBOXES, String.join(",", reason.mailboxIds())));
      }
      headers.add(
          header(ORIGIN, record.topic() + "/" + record.partition() + "/" + record.offset()));
      return headers;
    }

    private List<Fact> facts(Delivery delivery) {
      List<String> mailboxIds =
          reason.mailboxIds().isEmpty() && delivery.slice() != null
              ? delivery.slice().mailboxIds()
              : reason.mailboxIds();
      if (mailboxIds.isEmpty()) {
        return List.of(fact(delivery, null));
      }
      return mailboxIds.stream().map(mailboxId -> fact(delivery, mailboxId)).toList();
    }

    private Fact fact(Delivery delivery, String mailboxId) {
      return new Fact(
          Fact.Kind.DEAD, name(delivery), mailboxId, clock.instant(), reason.category().name());
    }
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(UTF_8));
  }

  private static String name(Delivery delivery) {
    if (delivery.slice() != null) {
      return delivery.slice().messageId();
    }
    byte[] key = delivery.record().key();
    return key == null || key.length == 0 ? UNKNOWN : new String(key, US_ASCII);
  }
}
