package io.postern.ingest;

import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.PipelineException;
import io.postern.protocol.Tls;
import io.postern.protocol.smtp.Mail;
import io.postern.protocol.smtp.MailReceiver;
import io.postern.wire.Peer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives one connection's mail to the pipeline. */
final class PipelineReceiver implements MailReceiver {
  private final IngestConfig config;
  private final Ingest.Parts parts;
  private final IngestMeters meters;
  private final Peer peer;
  private final String listener;

  PipelineReceiver(
      IngestConfig config, Ingest.Parts parts, IngestMeters meters, Peer peer, String listener) {
    this.config = config;
    this.parts = parts;
    this.meters = meters;
    this.peer = peer;
    this.listener = listener;
  }

  @Override
  public Answer recipient(String address) {
    Answer answer = answer(parts.directory(), address);
    meters.recipient(answer);
    return answer;
  }

  private static Answer answer(Directory directory, String address) {
    if (!directory.isConclusive()) {
      return Answer.TEMPORARY;
    }
    return directory
        .byAddress(address)
        .map(
            mailbox ->
                switch (mailbox.state()) {
                  case ACTIVE -> Answer.ACCEPTED;
                  case SUSPENDED -> Answer.SUSPENDED;
                })
        .orElse(Answer.UNKNOWN);
  }

  @Override
  public Delivery begin(Mail mail) {
    try {
      Envelope envelope = envelope(mail);
      List<String> mailboxIds = envelope.copies().stream().map(Envelope.Copy::mailboxId).toList();
      return new PipelineDelivery(parts.raw().begin(envelope), mailboxIds, parts, meters, peer);
    } catch (PipelineException e) {
      throw PipelineDelivery.failure(e, meters);
    }
  }

  private Envelope envelope(Mail mail) {
    return new Envelope(
        mail.from(),
        copies(mail.recipients()),
        peer.ip(),
        mail.helo(),
        mail.protocol(),
        describe(mail.tls()),
        listener,
        config.smtp().hostname(),
        parts.clock().instant(),
        config.traceHeaders());
  }

  /** One copy a mailbox, under the first of its addresses that the client named. */
  private List<Envelope.Copy> copies(List<String> recipients) {
    Map<String, Envelope.Copy> copies = new LinkedHashMap<>();
    for (String recipient : recipients) {
      // A mailbox deleted since its RCPT: the client will be told when it tries again.
      Mailbox mailbox =
          parts
              .directory()
              .byAddress(recipient)
              .orElseThrow(() -> new Failure(Failure.Category.TEMPORARY, null));
      copies.putIfAbsent(mailbox.id(), new Envelope.Copy(mailbox.id(), recipient));
    }
    return List.copyOf(copies.values());
  }

  private static String describe(Tls tls) {
    return tls.on() ? tls.version() + " " + tls.cipher() : "";
  }
}
