package io.postern.ingest;

import io.postern.pipeline.Envelope;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.PipelineException.Category;
import io.postern.pipeline.RawTopic;
import io.postern.pipeline.Submission;
import io.postern.testkit.Deeds;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** A topic that does what the first mailbox's name says, on a thread of its own. */
final class FakeRawTopic implements RawTopic {
  private static final String ID = "01jd0000000000000000000000";

  final Queue<Envelope> envelopes = new ConcurrentLinkedQueue<>();
  private final Executor producer;
  private final Queue<String> deeds;

  FakeRawTopic(Executor producer, Queue<String> deeds) {
    this.producer = producer;
    this.deeds = deeds;
  }

  @Override
  public Submission begin(Envelope envelope) {
    String name = envelope.copies().get(0).mailboxId();
    switch (name) {
      case "away" -> throw new PipelineException(Category.UNAVAILABLE, "away", null);
      case "rights" -> throw new PipelineException(Category.REFUSED, "no rights", null);
      case "full" -> throw new PipelineException(Category.OVERLOADED, "full", null);
      default -> {
        envelopes.add(envelope);
        return new FakeSubmission(envelope, name);
      }
    }
  }

  private final class FakeSubmission implements Submission {
    private final Envelope envelope;
    private final String name;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private volatile boolean writable = true;

    FakeSubmission(Envelope envelope, String name) {
      this.envelope = envelope;
      this.name = name;
    }

    @Override
    public String messageId() {
      return ID;
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
      this.octets.write(octets, offset, length);
      writable = !name.equals("slow") && !name.equals("breaks");
    }

    @Override
    public boolean writable() {
      return writable;
    }

    @Override
    public CompletionStage<Void> whenWritable() {
      return later(
          () -> {
            writable = true;
          });
    }

    @Override
    public CompletionStage<Void> commit() {
      return later(
          () -> {
            List<String> to = envelope.copies().stream().map(Envelope.Copy::address).toList();
            deeds.add(Deeds.mail(envelope.from(), to, envelope.protocol(), octets.toByteArray()));
          });
    }

    @Override
    public CompletionStage<Void> prepare() {
      throw new UnsupportedOperationException("ingest commits in one step");
    }

    @Override
    public void keepAlive() {
      throw new UnsupportedOperationException("ingest commits in one step");
    }

    @Override
    public void abort() {
      if (!fails()) {
        deeds.add("aborted");
      }
    }

    private boolean fails() {
      return name.equals("lost") || name.equals("breaks");
    }

    private CompletionStage<Void> later(Runnable step) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      producer.execute(
          () -> {
            if (fails()) {
              done.completeExceptionally(
                  new PipelineException(Category.UNAVAILABLE, "Kafka is away", null));
            } else {
              step.run();
              done.complete(null);
            }
          });
      return done;
    }
  }
}
