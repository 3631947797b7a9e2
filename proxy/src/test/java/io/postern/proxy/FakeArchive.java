package io.postern.proxy;

import io.postern.testkit.Deeds;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;

/** An archive that says what it is asked to do, and fails as a transcript wants. */
public final class FakeArchive implements Archive {
  /** What fails. */
  public enum Fault {
    NONE,
    /** It takes nothing. */
    AWAY,
    /** It takes nothing for a while. */
    FULL,
    /** It breaks before the copy is safe. */
    BREAKS
  }

  final BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
  volatile Fault fault = Fault.NONE;
  volatile boolean slow;
  private final Executor loop;

  FakeArchive(Executor loop) {
    this.loop = loop;
  }

  @Override
  public State state(String mailbox) {
    return switch (fault) {
      case AWAY -> State.AWAY;
      case FULL -> State.FULL;
      case NONE, BREAKS -> State.READY;
    };
  }

  @Override
  public Copy begin(String mailbox, Origin origin) {
    State state = state(mailbox);
    if (state != State.READY) {
      throw new Unavailable(state, "takes nothing", null);
    }
    return new FakeCopy(mailbox, origin);
  }

  @Override
  public void missed(String why) {
    deeds.add("missed");
  }

  private final class FakeCopy implements Copy {
    private final String mailbox;
    private final Origin origin;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

    FakeCopy(String mailbox, Origin origin) {
      this.mailbox = mailbox;
      this.origin = origin;
    }

    @Override
    public void write(byte[] text, int offset, int length) {
      octets.write(text, offset, length);
    }

    @Override
    public boolean writable() {
      return !slow;
    }

    @Override
    public CompletionStage<Void> whenWritable() {
      return later(() -> slow = false);
    }

    @Override
    public CompletionStage<Void> prepare() {
      return later(
          () -> {
            if (fault == Fault.BREAKS) {
              throw new Unavailable("broken", null);
            }
            deeds.add(
                "prepared for "
                    + mailbox
                    + ": "
                    + Deeds.mail(
                        origin.from(),
                        origin.recipients(),
                        origin.protocol(),
                        octets.toByteArray()));
          });
    }

    @Override
    public String messageId() {
      return "copy";
    }

    @Override
    public CompletionStage<Void> finish() {
      return later(
          () -> {
            if (fault == Fault.BREAKS) {
              throw new Unavailable("broken", null);
            }
            deeds.add(
                "copied for "
                    + mailbox
                    + ": "
                    + Deeds.mail(
                        String.valueOf(origin.from()),
                        origin.recipients(),
                        origin.protocol(),
                        octets.toByteArray()));
          });
    }

    @Override
    public CompletionStage<Void> commit() {
      return later(() -> deeds.add("committed"));
    }

    @Override
    public CompletionStage<Void> leaveOpen() {
      return later(() -> deeds.add("left open"));
    }

    @Override
    public void abort() {
      deeds.add("aborted");
    }

    private CompletionStage<Void> later(Runnable step) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      loop.execute(
          () -> {
            try {
              step.run();
              done.complete(null);
            } catch (Unavailable e) {
              done.completeExceptionally(e);
            }
          });
      return done;
    }
  }
}
