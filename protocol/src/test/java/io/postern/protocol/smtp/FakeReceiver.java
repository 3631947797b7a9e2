package io.postern.protocol.smtp;

import io.postern.testkit.Deeds;
import java.io.ByteArrayOutputStream;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A receiver for example.org that does what the recipient's name says; whatever takes time happens
 * later.
 */
final class FakeReceiver implements MailReceiver {
  private final Queue<Runnable> later;
  private final Queue<String> deeds;

  FakeReceiver(Queue<Runnable> later, Queue<String> deeds) {
    this.later = later;
    this.deeds = deeds;
  }

  @Override
  public Answer recipient(String address) {
    if (!address.endsWith("@example.org")) {
      return Answer.UNKNOWN;
    }
    return switch (name(address)) {
      case "unknown" -> Answer.UNKNOWN;
      case "suspended" -> Answer.SUSPENDED;
      case "later" -> Answer.TEMPORARY;
      default -> Answer.ACCEPTED;
    };
  }

  @Override
  public Delivery begin(Mail mail) {
    String name = name(mail.recipients().get(0));
    switch (name) {
      case "away" -> throw new Failure(Failure.Category.TEMPORARY, null);
      case "full" -> throw new Failure(Failure.Category.FULL, null);
      case "refused" -> throw new Failure(Failure.Category.REFUSED, null);
      default -> {
        return new FakeDelivery(mail, name);
      }
    }
  }

  private static String name(String address) {
    return address.substring(0, Math.max(0, address.lastIndexOf('@')));
  }

  private final class FakeDelivery implements Delivery {
    private final Mail mail;
    private final String name;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private boolean writable = true;

    FakeDelivery(Mail mail, String name) {
      this.mail = mail;
      this.name = name;
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
      CompletableFuture<Void> done = new CompletableFuture<>();
      later.add(
          () -> {
            writable = true;
            complete(done, null, fails());
          });
      return done;
    }

    @Override
    public CompletionStage<String> finish() {
      CompletableFuture<String> done = new CompletableFuture<>();
      later.add(
          () -> {
            if (!fails()) {
              deeds.add(
                  Deeds.mail(
                      mail.from(), mail.recipients(), mail.protocol(), octets.toByteArray()));
            }
            complete(done, "01JD0000000000000000000000", fails());
          });
      return done;
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

    private <T> void complete(CompletableFuture<T> done, T value, boolean fail) {
      if (fail) {
        done.completeExceptionally(new Failure(Failure.Category.TEMPORARY, null));
      } else {
        done.complete(value);
      }
    }
  }
}
