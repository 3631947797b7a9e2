package io.postern.protocol.smtp;

import io.postern.protocol.Conversation;
import io.postern.protocol.DotDecoder;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Tls;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A server's side of one SMTP connection (RFC 5321 with the extensions of {@link Replies}). Takes
 * mail for the receiver's mailboxes and relays none. One command is in flight at a time: while its
 * reply is not yet known, or the client does not read, the line is paused and pipelined commands
 * wait there.
 */
public final class SmtpSession implements Conversation {
  private final SmtpSettings settings;
  private final MailReceiver receiver;
  private final Input commands = this::readCommand;
  private Input input = commands;
  private LineFramer framer = newFramer();
  private Line line;
  private Tls tls;
  private Command.Hello hello;
  private Transaction transaction;
  private int badCommands;
  private boolean waiting;
  private boolean clientSlow;
  private boolean stopping;
  private boolean over;

  /** What the next octets are. */
  private interface Input {
    void read(ByteBuffer octets);
  }

  public SmtpSession(SmtpSettings settings, MailReceiver receiver) {
    this.settings = settings;
    this.receiver = receiver;
  }

  @Override
  public void opened(Line line, Tls tls) {
    this.line = line;
    this.tls = tls;
    say(Replies.greeting(settings.hostname()));
  }

  @Override
  public void received(ByteBuffer octets) {
    while (octets.hasRemaining() && !waiting && !clientSlow && !over) {
      input.read(octets);
    }
    stopIfAsked();
  }

  @Override
  public void secured(Tls tls) {
    this.tls = tls;
    framer = newFramer();
    hello = null;
    endTransaction();
  }

  @Override
  public void drained() {
    clientSlow = false;
    goOn();
  }

  @Override
  public void timedOut() {
    bid(Replies.TIMED_OUT);
  }

  @Override
  public void stopping() {
    stopping = true;
    stopIfAsked();
  }

  @Override
  public void closed() {
    over = true;
    endTransaction();
  }

  private void readCommand(ByteBuffer octets) {
    switch (framer.next(octets)) {
      case NOTHING -> {}
      case TOO_LONG -> reject(Replies.LINE_TOO_LONG);
      case LONE_CR_OR_LF -> reject(Replies.LINE_MALFORMED);
      case LINE -> {
        try {
          obey(CommandParser.parse(framer.line()), octets.hasRemaining());
        } catch (SyntaxException e) {
          reject(e.reply());
        }
      }
    }
  }

  private void obey(Command command, boolean moreBehind) {
    Verb verb = command.verb();
    Reply objection = objection(verb);
    if (objection != null && verb != Verb.BDAT) {
      reject(objection);
      return;
    }
    switch (verb) {
      case EHLO, HELO -> hello((Command.Hello) command);
      case MAIL -> mail((Command.Mail) command);
      case RCPT -> rcpt((Command.Rcpt) command);
      case DATA -> data();
      case BDAT -> bdat((Command.Bdat) command, objection);
      case RSET -> {
        endTransaction();
        say(Replies.OK);
      }
      case STARTTLS -> startTls(moreBehind);
      case QUIT -> bid(Replies.BYE);
      case NOOP -> say(Replies.OK);
      case HELP -> say(Replies.HELP);
      case VRFY -> say(Replies.NOT_VERIFIED);
      case EXPN, AUTH -> reject(Replies.NOT_IMPLEMENTED);
    }
  }

  /** Whether the verb is out of place; null where it is not. */
  private Reply objection(Verb verb) {
    if (settings.requireTls() && verb.protectable() && !tls.on()) {
      return Replies.TLS_REQUIRED;
    }
    if (verb == Verb.STARTTLS && tls.on()) {
      return Replies.TLS_ALREADY;
    }
    if (verb.legalIn(phase())) {
      return null;
    }
    if (phase() == Phase.GREETED) {
      return Replies.HELLO_FIRST;
    }
    boolean message = verb == Verb.DATA || verb == Verb.BDAT;
    return message && transaction != null && transaction.allRefused()
        ? Replies.NO_RECIPIENTS
        : Replies.BAD_SEQUENCE;
  }

  private Phase phase() {
    if (hello == null) {
      return Phase.GREETED;
    }
    return transaction == null ? Phase.READY : transaction.phase();
  }

  private void hello(Command.Hello command) {
    endTransaction();
    hello = command;
    say(
        command.verb() == Verb.EHLO
            ? Replies.extensions(settings.hostname(), settings.maxMessageBytes(), !tls.on())
            : Replies.hello(settings.hostname()));
  }

  private void mail(Command.Mail command) {
    if (command.sizeBytes() > settings.maxMessageBytes()) {
      say(Replies.TOO_LARGE);
    } else {
      transaction = new Transaction(command);
      say(Replies.SENDER_OK);
    }
  }

  private void rcpt(Command.Rcpt command) {
    Reply reply = answer(command.to());
    if (reply == Replies.RECIPIENT_OK) {
      transaction.accept(command.to());
    } else {
      transaction.refuseOne();
    }
    say(reply);
  }

  private Reply answer(String recipient) {
    if (transaction.recipients().size() >= settings.maxRecipients()) {
      return Replies.TOO_MANY_RECIPIENTS;
    }
    if (!transaction.mail().utf8() && !CommandParser.isAscii(recipient)) {
      return Replies.UTF8_NOT_ASKED_FOR;
    }
    return switch (receiver.recipient(recipient)) {
      case ACCEPTED -> Replies.RECIPIENT_OK;
      case UNKNOWN -> Replies.UNKNOWN_MAILBOX;
      case SUSPENDED -> Replies.SUSPENDED;
      case TEMPORARY -> Replies.TEMPORARY;
    };
  }

  private void data() {
    if (transaction.mail().body() == Command.Body.BINARY_MIME) {
      reject(Replies.BDAT_ONLY);
      return;
    }
    Reception reception = beginMessage();
    if (reception.refusal() != null) {
      transaction = null;
      say(reception.refusal());
      return;
    }
    DotDecoder decoder = new DotDecoder();
    input = octets -> readData(reception, decoder, octets);
    say(Replies.GO_AHEAD);
  }

  private void readData(Reception reception, DotDecoder decoder, ByteBuffer octets) {
    boolean ended = decoder.decode(octets, reception);
    if (decoder.loneCrOrLf() && settings.loneCrOrLf() == SmtpSettings.LoneCrOrLf.REFUSE) {
      reception.refuse(Replies.LONE_CR_OR_LF);
    }
    if (ended) {
      finishMessage(reception);
    } else {
      awaitRoom(reception);
    }
  }

  private void bdat(Command.Bdat command, Reply objection) {
    Chunk chunk =
        new Chunk(command, objection == null ? open(command) : Reception.refused(objection));
    input = octets -> readChunk(chunk, octets);
    if (chunk.complete()) {
      endChunk(chunk);
    }
  }

  private Reception open(Command.Bdat command) {
    Reception reception =
        transaction.reception() == null ? beginMessage() : transaction.reception();
    if (!reception.hasRoomFor(command.sizeBytes())) {
      reception.refuse(Replies.TOO_LARGE);
    }
    return reception;
  }

  private void readChunk(Chunk chunk, ByteBuffer octets) {
    chunk.read(octets);
    if (chunk.complete()) {
      endChunk(chunk);
    } else {
      awaitRoom(chunk.reception());
    }
  }

  private void endChunk(Chunk chunk) {
    input = commands;
    Reception reception = chunk.reception();
    boolean ours = transaction != null && transaction.reception() == reception;
    if (!ours) {
      if (chunk.command().last() && phase() == Phase.SPOILED) {
        endTransaction();
      }
      reject(reception.refusal());
    } else if (chunk.command().last()) {
      finishMessage(reception);
    } else {
      Reply refusal = reception.refusal();
      say(refusal == null ? Replies.chunk(chunk.command().sizeBytes()) : refusal);
      awaitRoom(reception);
    }
  }

  private Reception beginMessage() {
    Mail mail =
        new Mail(
            transaction.mail().from(),
            List.copyOf(transaction.recipients()),
            hello.name(),
            protocol(),
            tls);
    Reception reception = Reception.begin(receiver, mail, settings.maxMessageBytes());
    transaction.begin(reception);
    return reception;
  }

  /** RFC 3848, RFC 6531 section 4.3. */
  private String protocol() {
    if (hello.verb() == Verb.HELO) {
      return "SMTP";
    }
    return (transaction.mail().utf8() ? "UTF8SMTP" : "ESMTP") + (tls.on() ? "S" : "");
  }

  /** The reply is known once the receiver has the whole message safe, and is not sent before. */
  private void finishMessage(Reception reception) {
    transaction = null;
    input = commands;
    await(reception.finish().thenAccept(this::say));
  }

  private void awaitRoom(Reception reception) {
    if (!reception.writable()) {
      await(reception.whenWritable());
    }
  }

  private void await(CompletionStage<Void> stage) {
    waiting = true;
    line.pause();
    stage.whenComplete(
        (nothing, e) -> {
          waiting = false;
          goOn();
        });
  }

  private void goOn() {
    stopIfAsked();
    if (!waiting && !clientSlow && !over) {
      line.resume();
    }
  }

  /** What was buffered in clear could pass for protected later on: RFC 3207, section 6. */
  private void startTls(boolean moreBehind) {
    if (moreBehind) {
      bid(Replies.AFTER_STARTTLS);
    } else {
      line.startTls(Replies.START_TLS.encoded());
    }
  }

  private void endTransaction() {
    if (transaction != null) {
      transaction.abandon();
      transaction = null;
    }
  }

  /** A message that is coming in may come to its end first. */
  private void stopIfAsked() {
    if (stopping && !waiting && input == commands) {
      bid(Replies.STOPPING);
    }
  }

  /** Says that the client has erred; one that does nothing else is sent away. */
  private void reject(Reply reply) {
    badCommands++;
    if (badCommands > settings.maxBadCommands()) {
      bid(Replies.TOO_MANY_ERRORS);
    } else {
      say(reply);
    }
  }

  private void say(Reply reply) {
    if (over) {
      return;
    }
    line.send(reply.encoded());
    if (!line.writable() && !clientSlow) {
      clientSlow = true;
      line.pause();
    }
  }

  /** Says the last word. */
  private void bid(Reply reply) {
    if (!over) {
      say(reply);
      over = true;
      line.close();
    }
  }

  private static LineFramer newFramer() {
    return new LineFramer(Verb.MAX_PATH_LINE_BYTES);
  }
}
