package io.postern.pipeline;

import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger from a point in time on, read up to its present end each time. Blocking. */
public final class LedgerView implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LedgerView.class);

  private final TopicReader reader;

  public LedgerView(Map<String, Object> kafka, Topics topics, Instant since) {
    reader = TopicReader.since(kafka, topics.ledger(), since);
  }

  /** Hands over every fact between the last call's end and the present one. */
  public void catchUp(Consumer<Fact> facts) {
    reader.catchUp(record -> read(record, facts));
  }

  /** How many records lie between this view and the present end, at most. */
  public long behind() {
    return reader.behind();
  }

  @Override
  public void close() {
    reader.close();
  }

  private static void read(ConsumerRecord<byte[], byte[]> record, Consumer<Fact> facts) {
    try {
      facts.accept(FactCodec.decode(record));
    } catch (MalformedException e) {
      log.warn("ledger {}/{}: {}", record.partition(), record.offset(), e.getMessage());
    }
  }
}
