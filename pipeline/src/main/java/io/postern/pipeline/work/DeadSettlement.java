package io.postern.pipeline.work;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.pipeline.Fact;
import io.postern.pipeline.KafkaErrors;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.Outbox;
import io.postern.pipeline.Slice;
import io.postern.pipeline.SliceCodec;
import io.postern.pipeline.TopicReader;
import io.postern.pipeline.Topics;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.work.DeadTopic.Letter;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Settles dead letters: sends them once more to where they came from, or gives them up. What is
 * sent is a new attempt at the same message, so that workers recognise what is stored or deleted
 * already. Blocking; every method fails with {@link io.postern.pipeline.PipelineException}.
 */
public final class DeadSettlement {
  /** The detail of {@link Fact.Kind#ACCEPTED} where a dead letter is sent once more. */
  public static final String REPLAYED = "replayed";

  /** The detail of {@link Fact.Kind#DEAD} where a dead letter is given up. */
  public static final String DISCARDED = "discarded";

  /** Records that may be on their way: of at most 960 KiB each. */
  private static final int MAX_UNACKNOWLEDGED = 16;

  private final DeadTopic dead;
  private final Topics topics;
  private final Outbox outbox;
  private final Ledger ledger;
  private final InstantSource clock;
  private final RandomGenerator random;

  public DeadSettlement(
      DeadTopic dead,
      Topics topics,
      Outbox outbox,
      Ledger ledger,
      InstantSource clock,
      RandomGenerator random) {
    this.dead = dead;
    this.topics = topics;
    this.outbox = outbox;
    this.ledger = ledger;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Sends letters to the topics of their origin and settles them.
   *
   * @param letters as {@link DeadTopic#read} gave them, some thousands at most
   */
  public void replay(Collection<Letter> letters) {
    if (letters.isEmpty()) {
      return;
    }
    // First, since the worker may be quicker to say that it is dead again.
    join(ledger.write(facts(letters, Fact.Kind.ACCEPTED, REPLAYED)));
    Sending sending = new Sending(letters);
    long first = letters.stream().mapToLong(Letter::number).min().orElseThrow();
    long last = letters.stream().mapToLong(Letter::lastOffset).max().orElseThrow();
    try (TopicReader reader = dead.reader()) {
      reader.seek(DeadTopic.PARTITION, first);
      reader.catchUpTo(Map.of(DeadTopic.PARTITION, last + 1), sending::accept);
    }
    sending.awaitAll();
    settle(letters, REPLAYED);
  }

  /** Gives letters up: they are listed no more, and their octets go with the topic's retention. */
  public void discard(Collection<Letter> letters) {
    join(ledger.write(facts(letters, Fact.Kind.DEAD, DISCARDED)));
    settle(letters, DISCARDED);
  }

  private void settle(Collection<Letter> letters, String how) {
    Deque<CompletableFuture<Void>> acknowledged = new ArrayDeque<>();
    for (Letter letter : letters) {
      List<Header> headers =
          List.of(
              header(DeadTopic.SETTLES, Long.toString(letter.number())),
              header(DeadTopic.SETTLED, how));
      acknowledged.add(outbox.run(topics.dead(), letter.messageId()).send(headers, new byte[0]));
    }
    acknowledged.forEach(DeadSettlement::join);
  }

  private List<Fact> facts(Collection<Letter> letters, Fact.Kind kind, String detail) {
    List<Fact> facts = new ArrayList<>();
    for (Letter letter : letters) {
      if (!Ulids.isUlid(letter.messageId())) {
        continue;
      }
      for (String mailboxId : letter.mailboxIds()) {
        facts.add(new Fact(kind, letter.messageId(), mailboxId, clock.instant(), detail));
      }
      if (!letter.ofSomeCopies()) {
        facts.add(new Fact(kind, letter.messageId(), null, clock.instant(), detail));
      }
    }
    return facts;
  }

  /** One way through the topic, in which the records of some letters are sent on. */
  private final class Sending {
    private final Map<Long, Letter> letters;
    private final Map<DeadTopic.Strand, Open> open = new HashMap<>();
    private final Deque<CompletableFuture<Void>> acknowledged = new ArrayDeque<>();

    private record Open(Letter letter, Outbox.Run run, String attempt) {}

    Sending(Collection<Letter> letters) {
      this.letters = letters.stream().collect(Collectors.toMap(Letter::number, l -> l));
    }

    void accept(ConsumerRecord<byte[], byte[]> record) {
      if (DeadTopic.isSettlement(record)) {
        return;
      }
      Slice slice = DeadTopic.slice(record);
      DeadTopic.Strand strand = dead.strand(record, slice);
      Letter begun = letters.get(record.offset());
      if (begun != null) {
        open.put(
            strand,
            new Open(
                begun,
                outbox.run(begun.topic(), new String(record.key(), US_ASCII)),
                HexFormat.of().toHexDigits(random.nextLong())));
      }
      Open letter = open.get(strand);
      if (letter == null) {
        return;
      }
      send(letter, record, slice);
      if (record.offset() == letter.letter().lastOffset()) {
        open.remove(strand);
      }
    }

    private void send(Open letter, ConsumerRecord<byte[], byte[]> record, Slice slice) {
      List<Header> headers =
          slice == null ? ownHeaders(record) : SliceCodec.headers(again(slice, letter.attempt()));
      byte[] octets = record.value() == null ? new byte[0] : record.value();
      acknowledged.add(letter.run().send(headers, octets));
      if (acknowledged.size() > MAX_UNACKNOWLEDGED) {
        join(acknowledged.poll());
      }
    }

    void awaitAll() {
      acknowledged.forEach(DeadSettlement::join);
    }
  }

  /** What was only prepared when it died is kept: nobody will decide about it any more. */
  private static Slice again(Slice slice, String attempt) {
    return new Slice(
        slice.messageId(),
        slice.mailboxIds(),
        attempt,
        slice.sequence(),
        slice.isPrepared() ? Slice.Mark.LAST : slice.mark(),
        slice.transitKey(),
        slice.headerLength(),
        slice.octets());
  }

  private static List<Header> ownHeaders(ConsumerRecord<byte[], byte[]> record) {
    List<Header> headers = new ArrayList<>(List.of(record.headers().toArray()));
    headers.removeIf(header -> header.key().startsWith(DeadLetters.HEADER_PREFIX));
    return headers;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(US_ASCII));
  }

  private static void join(CompletionStage<Void> acknowledged) {
    try {
      acknowledged.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw KafkaErrors.translate(e.getCause());
    }
  }
}
