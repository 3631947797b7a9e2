package io.postern.crypto;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Opener;
import io.postern.age.Recipient;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.EnvelopeCodec;
import io.postern.pipeline.MalformedException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One message on its way from the transit key to the mailboxes' keys: sealed octets go in, and each
 * copy's sealed octets come out as far as they are ready. Nothing here knows of Kafka, and no
 * plaintext is kept beyond the chunk that is being sealed.
 */
final class Sealing implements AutoCloseable {
  private final String messageId;
  private final Opener opener;
  private final Recipients recipients;
  private final Predicate<String> wanted;
  private final SecureRandom random;
  private final EnvelopeCodec.Reader envelopeReader = new EnvelopeCodec.Reader();
  private final List<SealedCopy> copies = new ArrayList<>();
  private final List<String> withoutMailbox = new ArrayList<>();

  /** A sink cannot throw what a codec throws: it waits here for the end of the call. */
  private Exception failure;

  /**
   * @param wanted whether a mailbox's copy is still to be made
   */
  Sealing(
      String messageId,
      List<Identity> transit,
      Recipients recipients,
      Predicate<String> wanted,
      SecureRandom random) {
    this.messageId = messageId;
    this.opener = new Opener(transit);
    this.recipients = recipients;
    this.wanted = wanted;
    this.random = random;
  }

  /** Takes the next sealed octets of the raw message. */
  void update(byte[] octets) throws AgeException, MalformedException {
    opener.update(octets, 0, octets.length, this::opened);
    throwFailure();
  }

  /** Says that the raw message is complete: so are the copies, or the message is damaged. */
  void finish() throws AgeException, MalformedException {
    opener.finish(this::opened);
    throwFailure();
    if (!isOpen()) {
      throw new MalformedException("the message ends within its envelope");
    }
    copies.forEach(SealedCopy::finish);
  }

  /** Whether the envelope has been read, and with it the copies are known. */
  boolean isOpen() {
    return envelopeReader.envelope() != null;
  }

  List<SealedCopy> copies() {
    return copies;
  }

  /** Receiving mailboxes that do not exist here. */
  List<String> withoutMailbox() {
    return withoutMailbox;
  }

  @Override
  public void close() {
    opener.close();
  }

  private void opened(byte[] octets, int offset, int length) {
    if (failure != null) {
      return;
    }
    try {
      int start = 0;
      if (!isOpen()) {
        start = envelopeReader.read(octets, offset, length);
        if (isOpen()) {
          begin(envelopeReader.envelope());
        }
      }
      for (SealedCopy copy : copies) {
        copy.write(octets, offset + start, length - start);
      }
    } catch (MalformedException | AgeException e) {
      failure = e;
    }
  }

  private void begin(Envelope envelope) throws AgeException {
    for (Envelope.Copy copy : envelope.copies()) {
      if (!wanted.test(copy.mailboxId())) {
        continue;
      }
      Optional<Recipient> recipient = recipients.of(copy.mailboxId());
      if (recipient.isEmpty()) {
        withoutMailbox.add(copy.mailboxId());
        continue;
      }
      SealedCopy sealed = new SealedCopy(copy.mailboxId(), recipient.get(), random);
      if (envelope.traceHeaders()) {
        byte[] headers = TraceHeaders.of(envelope, copy, messageId);
        sealed.write(headers, 0, headers.length);
      }
      copies.add(sealed);
    }
  }

  private void throwFailure() throws AgeException, MalformedException {
    if (failure instanceof AgeException e) {
      throw e;
    }
    if (failure instanceof MalformedException e) {
      throw e;
    }
  }
}
