package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Tls;
import io.postern.proxy.Archive;
import io.postern.proxy.ClientLine;
import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.Sasl;
import io.postern.proxy.Upstreams;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * An SMTP client's side of a proxied connection (RFC 5321): passes commands and replies on, and has
 * a {@link Transfer} copy every message on its way.
 *
 * <p>Commands go to the mail server as they come, pipelined ones too; those after which RFC 2920
 * lets nothing be pipelined hold the client until their reply is there.
 */
public final class SmtpProxy implements Conversation, Upstream.Listener, Transfer.Commands {
  private static final int MAX_LINE_BYTES = 2048;

  /** RFC 4954, section 4. */
  private static final int MAX_AUTH_LINE_BYTES = 12_288 + 2;

  private final SmtpRoute route;
  private final Archive archive;
  private final BooleanSupplier admitsMessage;
  private final Upstreams upstreams;
  private final Consumer<String> complaints;
  private final Upstream upstream;
  private final ClientLine client = new ClientLine();
  private final Turns turns = new Turns(client::send, this::turned);
  private final Session session = new Session();
  private final Transfer transfer;
  private final Chunks chunks;
  private final Input commands = this::readCommand;

  private Input input = commands;
  private LineFramer framer = newFramer();
  private int badCommands;

  private boolean ready;
  private boolean stopping;

  /**
   * @param admitsMessage whether the client may begin one more message now
   * @param complaints hears in one line what is wrong with the mail server
   */
  public SmtpProxy(
      SmtpRoute route,
      Archive archive,
      BooleanSupplier admitsMessage,
      Upstreams upstreams,
      Consumer<String> complaints) {
    this.route = route;
    this.archive = archive;
    this.admitsMessage = admitsMessage;
    this.upstreams = upstreams;
    this.complaints = complaints;
    this.upstream = new Upstream(route.upstreamTls(), route.hostname(), this);
    this.transfer = new Transfer(route, archive, upstream, client, turns, session, this);
    this.chunks = new Chunks(route, upstream, turns, session, transfer, this);
  }

  // The client.

  @Override
  public void opened(Line line, Tls tls) {
    client.opened(line);
    session.tls = tls;
    settle();
    upstreams.dial(upstream, complaints);
  }

  @Override
  public void received(ByteBuffer octets) {
    while (octets.hasRemaining() && !held()) {
      input.read(octets);
    }
    stopIfAsked();
    settle();
  }

  @Override
  public void secured(Tls tls) {
    session.secured(tls);
    framer = newFramer();
    input = commands;
    endTransaction();
  }

  @Override
  public void drained() {
    client.drained();
    settle();
  }

  @Override
  public void timedOut() {
    client.bid(OwnReply.TIMED_OUT.encoded());
  }

  @Override
  public void stopping() {
    stopping = true;
    stopIfAsked();
  }

  /** What the mail server has not got yet never gets there; what it has got is decided by it. */
  @Override
  public void closed() {
    client.closed();
    if (!transfer.isEndSent()) {
      endTransaction();
      upstream.close();
    }
  }

  private boolean held() {
    return client.isOver() || !ready || client.isSlow() || transfer.hold() || turns.hold();
  }

  @Override
  public void settle() {
    client.pauseWhile(held());
  }

  private void turned() {
    stopIfAsked();
    settle();
  }

  // Commands.

  @Override
  public void readNext(Input next) {
    input = next;
  }

  @Override
  public void readCommands() {
    input = commands;
  }

  private void readCommand(ByteBuffer octets) {
    switch (framer.next(octets)) {
      case NOTHING -> {}
      case TOO_LONG -> reject(OwnReply.LINE_TOO_LONG);
      case LONE_CR_OR_LF -> reject(OwnReply.LINE_MALFORMED);
      case LINE -> obey(framer.line(), octets.hasRemaining());
    }
  }

  private void obey(byte[] command, boolean moreBehind) {
    Verb verb = Verb.of(command);
    if (upstream.isOver()) {
      client.bid((verb == Verb.QUIT ? OwnReply.BYE : OwnReply.UPSTREAM_LOST).encoded());
    } else if (verb == null) {
      reject(OwnReply.NOT_CARRIED);
    } else if (verb != Verb.AUTH && command.length + 2 > MAX_LINE_BYTES) {
      reject(OwnReply.LINE_TOO_LONG);
    } else {
      switch (verb) {
        case EHLO, HELO -> hello(verb, command);
        case STARTTLS -> turns.whenEmpty(() -> startTls(moreBehind));
        case AUTH -> auth(command);
        case MAIL -> mail(command);
        case RCPT -> rcpt(command);
        case DATA -> transfer.data(command);
        case BDAT -> chunks.bdat(command);
        case RSET -> {
          endTransaction();
          pass(command);
        }
        case NOOP, HELP, VRFY, EXPN -> pass(command);
        case QUIT -> quit(command);
      }
    }
  }

  /** Passes a command and its reply on. */
  private void pass(byte[] command) {
    Turns.Turn turn = turns.next();
    upstream.ask(command, reply -> turns.answer(turn, reply.encoded()));
  }

  private void hello(Verb verb, byte[] command) {
    endTransaction();
    Turns.Turn turn = turns.last();
    upstream.ask(command, reply -> greeted(turn, verb, command, reply));
  }

  private void greeted(Turns.Turn turn, Verb verb, byte[] command, ServerReply reply) {
    if (reply.code() != 250) {
      turns.answer(turn, reply.encoded());
      return;
    }
    session.helo = verb.argument(command);
    session.extended = verb == Verb.EHLO;
    session.chunking = session.extended && Extensions.offers(reply, "CHUNKING");
    turns.answer(turn, session.extended ? offer(reply) : reply.encoded());
  }

  private ByteBuffer offer(ServerReply reply) {
    var extensions =
        Extensions.filter(
            reply, route.maxMessageBytes(), session.tls.on() && upstream.isProtected());
    if (route.offerStarttls() && !session.tls.on()) {
      extensions.add("STARTTLS");
    }
    return OwnReply.hello(route.hostname(), extensions);
  }

  /** What was buffered in clear could pass for protected later on: RFC 3207, section 6. */
  private void startTls(boolean moreBehind) {
    if (session.tls.on()) {
      reject(OwnReply.TLS_ALREADY);
    } else if (!route.offerStarttls()) {
      reject(OwnReply.NOT_CARRIED);
    } else if (session.transaction != null) {
      reject(OwnReply.BAD_SEQUENCE);
    } else if (moreBehind) {
      client.bid(OwnReply.AFTER_STARTTLS.encoded());
    } else {
      client.startTls(OwnReply.READY_FOR_TLS.encoded());
    }
  }

  private void auth(byte[] command) {
    String[] words = new String(command, ISO_8859_1).trim().split(" +");
    if (session.helo.isEmpty()) {
      reject(OwnReply.HELLO_FIRST);
    } else if (!session.tls.on() || !upstream.isProtected()) {
      reject(OwnReply.ENCRYPTION_REQUIRED);
    } else if (words.length < 2 || words.length > 3) {
      reject(OwnReply.ARGUMENTS_WRONG);
    } else if (!Sasl.carries(words[1])) {
      reject(OwnReply.MECHANISM_NOT_CARRIED);
    } else {
      Sasl sasl = new Sasl(words[1]);
      if (words.length == 3) {
        sasl.clientSays(words[2].getBytes(ISO_8859_1));
      }
      askForAuth(command, sasl);
    }
  }

  private void askForAuth(byte[] octets, Sasl sasl) {
    Turns.Turn turn = turns.last();
    upstream.ask(
        octets,
        reply -> {
          input = reply.code() == 334 ? next -> readAuth(sasl, next) : commands;
          if (reply.code() == 235) {
            session.user = sasl.user();
          }
          turns.answer(turn, reply.encoded());
        });
  }

  private void readAuth(Sasl sasl, ByteBuffer octets) {
    switch (framer.next(octets)) {
      case NOTHING -> {}
      // The server still waits for a response, and what it would make of another is unknown.
      case TOO_LONG, LONE_CR_OR_LF -> client.bid(OwnReply.TOO_MANY_ERRORS.encoded());
      case LINE -> {
        byte[] response = framer.line();
        sasl.clientSays(response);
        askForAuth(response, sasl);
      }
    }
  }

  private void mail(byte[] command) {
    String from = Paths.of(command, "FROM:").orElse(null);
    OwnReply objection = objection(command, from);
    if (objection != null) {
      reject(objection);
      return;
    }
    transfer.end();
    Transaction former = session.transaction;
    Transaction begun = new Transaction(from);
    session.transaction = begun;
    Turns.Turn turn = turns.next();
    upstream.ask(
        command,
        reply -> {
          if (!reply.positive() && session.transaction == begun) {
            session.transaction = former;
          }
          turns.answer(turn, reply.encoded());
        });
  }

  /** What keeps a message from being begun; null where nothing does. */
  private OwnReply objection(byte[] command, String from) {
    if (session.helo.isEmpty()) {
      return OwnReply.HELLO_FIRST;
    }
    if (route.requireTls() && !session.tls.on()) {
      return OwnReply.TLS_FIRST;
    }
    if (from == null) {
      return OwnReply.ARGUMENTS_WRONG;
    }
    if (Verb.announcedSize(command) > route.maxMessageBytes()) {
      return OwnReply.TOO_LARGE;
    }
    if (!admitsMessage.getAsBoolean()) {
      return OwnReply.TOO_FAST;
    }
    return route.onArchiveFailure() == OnArchiveFailure.DELIVER
        ? null
        : OwnReply.of(archive.state(route.mailboxes().of(session.user, from)));
  }

  private void rcpt(byte[] command) {
    String to = Paths.of(command, "TO:").orElse(null);
    Transaction asked = session.transaction;
    if (asked == null) {
      reject(OwnReply.BAD_SEQUENCE);
    } else if (to == null) {
      reject(OwnReply.ARGUMENTS_WRONG);
    } else if (!asked.ask(to, route.maxRecipients())) {
      reject(OwnReply.TOO_MANY_RECIPIENTS);
    } else {
      Turns.Turn turn = turns.next();
      upstream.ask(
          command,
          reply -> {
            if (reply.positive()) {
              asked.accepted(to);
            } else {
              asked.refused(to);
            }
            turns.answer(turn, reply.encoded());
          });
    }
  }

  private void quit(byte[] command) {
    endTransaction();
    Turns.Turn turn = turns.last();
    upstream.ask(
        command,
        reply -> {
          turns.answer(turn, reply.encoded());
          client.hangUp();
        });
  }

  // The mail server.

  @Override
  public void ready() {
    ready = true;
    client.send(OwnReply.greeting(route.hostname()));
    settle();
  }

  @Override
  public void said(ServerReply reply) {
    if (transfer.interrupted(reply)) {
      return;
    }
    if (reply.negative()) {
      upstream.close();
      client.bid(reply.encoded());
    } else {
      complaints.accept("sent a reply that nobody has asked for");
      upstream.close();
      lost("");
    }
  }

  @Override
  public void upstreamDrained() {
    transfer.upstreamDrained();
    settle();
  }

  @Override
  public void lost(String why) {
    if (!why.isEmpty()) {
      complaints.accept(why);
    }
    if (!ready) {
      client.bid(OwnReply.NO_UPSTREAM.encoded());
    } else if (!transfer.lost()) {
      client.bid(OwnReply.UPSTREAM_LOST.encoded());
    }
  }

  // Replies.

  /** Says that the client has erred; one that does nothing else is sent away. */
  @Override
  public void reject(OwnReply reply) {
    badCommands++;
    if (badCommands > route.maxBadCommands()) {
      client.bid(OwnReply.TOO_MANY_ERRORS.encoded());
    } else {
      turns.answer(turns.next(), reply.encoded());
    }
  }

  private void stopIfAsked() {
    if (stopping && ready && turns.isEmpty() && input == commands && transfer.underWay() == null) {
      client.bid(OwnReply.STOPPING.encoded());
    }
  }

  private void endTransaction() {
    transfer.end();
    session.transaction = null;
  }

  private static LineFramer newFramer() {
    return new LineFramer(MAX_AUTH_LINE_BYTES);
  }
}
