package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.Conversation;
import io.postern.protocol.DotDecoder;
import io.postern.protocol.DotEncoder;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Tls;
import io.postern.proxy.Archive;
import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.Sasl;
import io.postern.proxy.Upstreams;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * An SMTP client's side of a proxied connection (RFC 5321): passes commands and replies on, and
 * copies every message on its way. The final dot leaves for the mail server only when the whole
 * copy is safe; the server's answer decides the copy; then the client hears it (docs/adr/0010).
 *
 * <p>Commands go to the mail server as they come, pipelined ones too; those after which RFC 2920
 * lets nothing be pipelined hold the client until their reply is there.
 */
public final class SmtpProxy implements Conversation, Upstream.Listener {
  private static final int MAX_LINE_BYTES = 2048;

  /** RFC 4954, section 4. */
  private static final int MAX_AUTH_LINE_BYTES = 12_288 + 2;

  private final SmtpRoute route;
  private final Archive archive;
  private final BooleanSupplier admitsMessage;
  private final Upstreams upstreams;
  private final Consumer<String> complaints;
  private final Upstream upstream;
  private final Turns turns = new Turns(this::say, this::turned);
  private final Input commands = this::readCommand;

  private Input input = commands;
  private LineFramer framer = newFramer();
  private Line line;
  private Tls tls;
  private String helo = "";
  private boolean extended;
  private boolean chunking;
  private String user = "";
  private Transaction transaction;
  private Passage passage;

  /** Of the message whose end has left for the mail server. */
  private Turns.Turn finalTurn;

  private Runnable whenIdle;
  private int badCommands;

  private boolean ready;
  private boolean paused;

  /** Nothing more is read until every command has its reply. */
  private boolean barrier;

  private boolean clientSlow;
  private boolean upstreamSlow;
  private boolean archiveSlow;
  private boolean upstreamGone;
  private boolean stopping;
  private boolean over;
  private boolean clientGone;

  /** What the next octets are. */
  private interface Input {
    void read(ByteBuffer octets);
  }

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
  }

  // The client.

  @Override
  public void opened(Line line, Tls tls) {
    this.line = line;
    this.tls = tls;
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
    this.tls = tls;
    framer = newFramer();
    input = commands;
    helo = "";
    extended = false;
    chunking = false;
    user = "";
    endTransaction();
  }

  @Override
  public void drained() {
    clientSlow = false;
    settle();
  }

  @Override
  public void timedOut() {
    bid(OwnReply.TIMED_OUT.encoded());
  }

  @Override
  public void stopping() {
    stopping = true;
    stopIfAsked();
  }

  /** What the mail server has not got yet never gets there; what it has got is decided by it. */
  @Override
  public void closed() {
    over = true;
    clientGone = true;
    if (passage == null || !passage.endSent) {
      endTransaction();
      upstream.close();
    }
  }

  private boolean held() {
    return over
        || !ready
        || clientSlow
        || upstreamSlow
        || archiveSlow
        || turns.areFull()
        || barrier && !turns.isEmpty();
  }

  /** Keeps the line paused exactly while nothing may be read. */
  private void settle() {
    if (over) {
      return;
    }
    if (held() && !paused) {
      paused = true;
      line.pause();
    } else if (!held() && paused) {
      paused = false;
      line.resume();
    }
  }

  private void turned() {
    if (turns.isEmpty()) {
      barrier = false;
      Runnable next = whenIdle;
      whenIdle = null;
      if (next != null) {
        next.run();
      }
    }
    stopIfAsked();
    settle();
  }

  private void afterTurns(Runnable step) {
    if (turns.isEmpty()) {
      step.run();
    } else {
      barrier = true;
      whenIdle = step;
    }
  }

  // Commands.

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
    if (upstreamGone) {
      bid((verb == Verb.QUIT ? OwnReply.BYE : OwnReply.UPSTREAM_LOST).encoded());
    } else if (verb == null) {
      reject(OwnReply.NOT_CARRIED);
    } else if (verb != Verb.AUTH && command.length + 2 > MAX_LINE_BYTES) {
      reject(OwnReply.LINE_TOO_LONG);
    } else {
      switch (verb) {
        case EHLO, HELO -> hello(verb, command);
        case STARTTLS -> afterTurns(() -> startTls(moreBehind));
        case AUTH -> auth(command);
        case MAIL -> mail(command);
        case RCPT -> rcpt(command);
        case DATA -> data(command);
        case BDAT -> bdat(command);
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
    Turns.Turn turn = turns.next();
    barrier = true;
    upstream.ask(command, reply -> greeted(turn, verb, command, reply));
  }

  private void greeted(Turns.Turn turn, Verb verb, byte[] command, ServerReply reply) {
    if (reply.code() != 250) {
      turns.answer(turn, reply.encoded());
      return;
    }
    helo = verb.argument(command);
    extended = verb == Verb.EHLO;
    chunking = extended && Extensions.offers(reply, "CHUNKING");
    turns.answer(turn, extended ? offer(reply) : reply.encoded());
  }

  private ByteBuffer offer(ServerReply reply) {
    var extensions =
        Extensions.filter(reply, route.maxMessageBytes(), tls.on() && upstream.isProtected());
    if (route.offerStarttls() && !tls.on()) {
      extensions.add("STARTTLS");
    }
    return OwnReply.hello(route.hostname(), extensions);
  }

  /** What was buffered in clear could pass for protected later on: RFC 3207, section 6. */
  private void startTls(boolean moreBehind) {
    if (tls.on()) {
      reject(OwnReply.TLS_ALREADY);
    } else if (!route.offerStarttls()) {
      reject(OwnReply.NOT_CARRIED);
    } else if (transaction != null) {
      reject(OwnReply.BAD_SEQUENCE);
    } else if (moreBehind) {
      bid(OwnReply.AFTER_STARTTLS.encoded());
    } else {
      paused = false;
      line.startTls(OwnReply.READY_FOR_TLS.encoded());
    }
  }

  private void auth(byte[] command) {
    String[] words = new String(command, ISO_8859_1).trim().split(" +");
    if (helo.isEmpty()) {
      reject(OwnReply.HELLO_FIRST);
    } else if (!tls.on() || !upstream.isProtected()) {
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
    Turns.Turn turn = turns.next();
    barrier = true;
    upstream.ask(
        octets,
        reply -> {
          input = reply.code() == 334 ? next -> readAuth(sasl, next) : commands;
          if (reply.code() == 235) {
            user = sasl.user();
          }
          turns.answer(turn, reply.encoded());
        });
  }

  private void readAuth(Sasl sasl, ByteBuffer octets) {
    switch (framer.next(octets)) {
      case NOTHING -> {}
      // The server still waits for a response, and what it would make of another is unknown.
      case TOO_LONG, LONE_CR_OR_LF -> bid(OwnReply.TOO_MANY_ERRORS.encoded());
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
    endPassage();
    Transaction former = transaction;
    Transaction begun = new Transaction(from);
    transaction = begun;
    Turns.Turn turn = turns.next();
    upstream.ask(
        command,
        reply -> {
          if (!reply.positive() && transaction == begun) {
            transaction = former;
          }
          turns.answer(turn, reply.encoded());
        });
  }

  /** What keeps a message from being begun; null where nothing does. */
  private OwnReply objection(byte[] command, String from) {
    if (helo.isEmpty()) {
      return OwnReply.HELLO_FIRST;
    }
    if (route.requireTls() && !tls.on()) {
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
    boolean taken =
        route.onArchiveFailure() == OnArchiveFailure.DELIVER
            || archive.takes(route.mailboxes().of(user, from));
    return taken ? null : OwnReply.ARCHIVE_AWAY;
  }

  private void rcpt(byte[] command) {
    String to = Paths.of(command, "TO:").orElse(null);
    Transaction asked = transaction;
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
    Turns.Turn turn = turns.next();
    barrier = true;
    upstream.ask(
        command,
        reply -> {
          turns.answer(turn, reply.encoded());
          hangUp();
        });
  }

  // Messages.

  private void data(byte[] command) {
    if (transaction == null || passage != null) {
      reject(OwnReply.BAD_SEQUENCE);
      return;
    }
    Turns.Turn turn = turns.next();
    barrier = true;
    upstream.ask(command, reply -> goAhead(turn, reply));
  }

  private void goAhead(Turns.Turn turn, ServerReply reply) {
    if (reply.code() != 354) {
      transaction = null;
      turns.answer(turn, reply.encoded());
      return;
    }
    boolean agreed = transaction != null && !transaction.recipients().isEmpty();
    passage = agreed ? begin(false) : null;
    if (passage == null) {
      // A server that waits for data can only be left.
      leaveUpstream();
      turns.answer(turn, (agreed ? OwnReply.ARCHIVE_AWAY : OwnReply.NO_RECIPIENTS).encoded());
      return;
    }
    Passage begun = passage;
    DotDecoder decoder = new DotDecoder();
    DotEncoder encoder = new DotEncoder();
    input = octets -> readData(begun, decoder, encoder, octets);
    turns.answer(turn, reply.encoded());
  }

  /** Null where mail does not pass without a copy and there can be none now. */
  private Passage begin(boolean chunked) {
    try {
      return new Passage(
          archive.begin(route.mailboxes().of(user, transaction.from()), origin()), chunked);
    } catch (Archive.Unavailable e) {
      if (route.onArchiveFailure() == OnArchiveFailure.REJECT) {
        return null;
      }
      archive.missed(e.getMessage());
      return new Passage(null, chunked);
    }
  }

  /** RFC 3848, section 3. */
  private Archive.Origin origin() {
    String protocol =
        !extended ? "SMTP" : "ESMTP" + (tls.on() ? "S" : "") + (user.isEmpty() ? "" : "A");
    return new Archive.Origin(transaction.from(), transaction.recipients(), helo, protocol, tls);
  }

  private void readData(Passage begun, DotDecoder decoder, DotEncoder encoder, ByteBuffer octets) {
    ByteArrayOutputStream run = new ByteArrayOutputStream(octets.remaining());
    boolean ended = decoder.decode(octets, run::write);
    if (decoder.loneCrOrLf()) {
      refuse(begun, OwnReply.LONE_CR_OR_LF.encoded());
    }
    byte[] text = run.toByteArray();
    if (copied(begun, text)) {
      upstream.send(encoder.encode(ByteBuffer.wrap(text)));
    }
    if (ended) {
      input = commands;
      finish(begun, encoder.finish());
    } else {
      awaitRoom(begun);
    }
  }

  /** Copies a piece; false where the message does not pass any more. */
  private boolean copied(Passage passing, byte[] text) {
    passing.sizeBytes += text.length;
    if (passing.sizeBytes > route.maxMessageBytes()) {
      refuse(passing, OwnReply.TOO_LARGE.encoded());
    }
    if (passing.isRefused()) {
      return false;
    }
    if (passing.copy() != null) {
      passing.copy().write(text, 0, text.length);
    }
    return true;
  }

  private void bdat(byte[] command) {
    ChunkHeader header = ChunkHeader.parse(command);
    if (header == null) {
      reject(OwnReply.ARGUMENTS_WRONG);
    } else if (passage == null || header.last()) {
      // The recipients must be known before the copy begins, and all chunks before it ends.
      afterTurns(() -> chunk(header, command));
    } else {
      chunk(header, command);
    }
  }

  private void chunk(ChunkHeader header, byte[] command) {
    OwnReply objection = objection(header);
    if (objection == null && passage == null) {
      passage = begin(true);
      objection = passage == null ? OwnReply.ARCHIVE_AWAY : null;
    }
    if (objection != null) {
      breakOff();
      swallow(header.sizeBytes(), objection);
      return;
    }
    ByteBuffer end = null;
    if (!header.last()) {
      Turns.Turn turn = turns.next();
      upstream.ask(command, reply -> chunkAnswered(turn, reply));
    } else if (header.sizeBytes() > 0) {
      upstream.send(withCrLf(command));
    } else {
      end = withCrLf(command);
    }
    readOn(new ChunkInput(header, passage, end));
  }

  private OwnReply objection(ChunkHeader header) {
    if (!chunking) {
      return OwnReply.NOT_CARRIED;
    }
    if (transaction == null || transaction.isBroken()) {
      return OwnReply.BAD_SEQUENCE;
    }
    if (transaction.recipients().isEmpty()) {
      return OwnReply.NO_RECIPIENTS;
    }
    long before = passage == null ? 0 : passage.sizeBytes;
    return header.sizeBytes() > route.maxMessageBytes() - before ? OwnReply.TOO_LARGE : null;
  }

  private void chunkAnswered(Turns.Turn turn, ServerReply reply) {
    if (!reply.positive()) {
      breakOff();
    }
    turns.answer(turn, reply.encoded());
  }

  private void breakOff() {
    endPassage();
    if (transaction != null) {
      transaction.breakOff();
    }
  }

  /** A chunk that goes through: the last octet of the last one waits for the copy. */
  private final class ChunkInput implements Input {
    private final ChunkHeader header;
    private final Passage passing;
    private ByteBuffer end;
    private long left;

    ChunkInput(ChunkHeader header, Passage passing, ByteBuffer end) {
      this.header = header;
      this.passing = passing;
      this.end = end;
      this.left = header.sizeBytes();
    }

    @Override
    public void read(ByteBuffer octets) {
      byte[] piece = new byte[(int) Math.min(left, octets.remaining())];
      octets.get(piece);
      left -= piece.length;
      copied(passing, piece);
      int now = piece.length;
      if (header.last() && left == 0 && piece.length > 0) {
        now--;
        end = ByteBuffer.wrap(piece, now, 1);
      }
      upstream.send(ByteBuffer.wrap(piece, 0, now));
      if (left > 0) {
        awaitRoom(passing);
      } else {
        input = commands;
        if (header.last()) {
          finish(passing, end);
        }
      }
    }
  }

  private void readOn(ChunkInput chunk) {
    input = chunk;
    if (chunk.left == 0) {
      chunk.read(ByteBuffer.allocate(0));
    }
  }

  private void swallow(long sizeBytes, OwnReply reply) {
    long[] left = {sizeBytes};
    input =
        octets -> {
          int count = (int) Math.min(left[0], octets.remaining());
          octets.position(octets.position() + count);
          left[0] -= count;
          if (left[0] == 0) {
            input = commands;
            reject(reply);
          }
        };
    if (sizeBytes == 0) {
      input.read(ByteBuffer.allocate(0));
    }
  }

  private void awaitRoom(Passage passing) {
    if (passing.isRefused()) {
      return;
    }
    upstreamSlow = !upstream.writable();
    Archive.Copy copy = passing.copy();
    if (copy != null && !copy.writable()) {
      archiveSlow = true;
      copy.whenWritable()
          .whenComplete(
              (nothing, e) -> {
                archiveSlow = false;
                if (e != null && passing == passage && passing.copy() == copy) {
                  copyLost(passing, e);
                }
                settle();
              });
    }
  }

  private void copyLost(Passage passing, Throwable why) {
    if (route.onArchiveFailure() == OnArchiveFailure.DELIVER) {
      archive.missed(why.getMessage());
      passing.loseCopy();
    } else {
      refuse(passing, OwnReply.ARCHIVE_AWAY.encoded());
    }
  }

  /** The message does not pass any more, and the mail server, which waits for it, is left. */
  private void refuse(Passage passing, ByteBuffer reply) {
    if (passing.isRefused()) {
      return;
    }
    passing.refuse(reply);
    leaveUpstream();
    if (passing.chunked && !passing.complete) {
      // Chunks before this one have no answer yet: one for all.
      bid(reply);
    }
  }

  /** All has come: first the copy, then the mail server, then the client. */
  private void finish(Passage passing, ByteBuffer end) {
    passing.complete = true;
    Turns.Turn turn = turns.next();
    barrier = true;
    if (passing.isRefused() || passing.copy() == null) {
      sendEnd(passing, end, turn);
      return;
    }
    passing
        .copy()
        .prepare()
        .whenComplete(
            (nothing, e) -> {
              if (e != null && !passing.isRefused() && !clientGone) {
                copyLost(passing, e);
              }
              sendEnd(passing, end, turn);
            });
  }

  private void sendEnd(Passage passing, ByteBuffer end, Turns.Turn turn) {
    if (passing.isRefused() || clientGone) {
      endTransaction();
      turns.answer(turn, passing.isRefused() ? passing.refusal() : ByteBuffer.allocate(0));
      return;
    }
    passing.endSent = true;
    finalTurn = turn;
    upstream.expect(reply -> decide(passing, turn, reply));
    upstream.send(end);
  }

  private void decide(Passage passing, Turns.Turn turn, ServerReply reply) {
    if (!reply.positive() && !reply.negative()) {
      upstreamGone = true;
      upstream.close();
      leaveOpen(passing, turn);
      return;
    }
    CompletionStage<Void> decided = CompletableFuture.completedFuture(null);
    if (passing.copy() != null) {
      if (reply.positive()) {
        decided = passing.copy().commit();
      } else {
        passing.copy().abort();
      }
    }
    decided.whenComplete((nothing, e) -> conclude(turn, reply.encoded()));
  }

  private void leaveOpen(Passage passing, Turns.Turn turn) {
    CompletionStage<Void> left =
        passing.copy() == null
            ? CompletableFuture.completedFuture(null)
            : passing.copy().leaveOpen();
    left.whenComplete((nothing, e) -> conclude(turn, OwnReply.OUTCOME_OPEN.encoded()));
  }

  private void conclude(Turns.Turn turn, ByteBuffer reply) {
    passage = null;
    transaction = null;
    turns.answer(turn, reply);
    if (clientGone) {
      upstream.close();
    }
  }

  private void endPassage() {
    if (passage != null && !passage.endSent) {
      passage.abort();
      passage = null;
    }
  }

  private void endTransaction() {
    endPassage();
    transaction = null;
  }

  // The mail server.

  @Override
  public void ready() {
    ready = true;
    say(OwnReply.greeting(route.hostname()));
    settle();
  }

  @Override
  public void said(ServerReply reply) {
    Passage passing = passage;
    if (passing != null && !passing.endSent && !passing.isRefused()) {
      refuse(passing, reply.negative() ? reply.encoded() : OwnReply.MESSAGE_LOST.encoded());
    } else if (reply.negative()) {
      upstreamGone = true;
      upstream.close();
      bid(reply.encoded());
    } else {
      complaints.accept("sent a reply that nobody has asked for");
      upstream.close();
      lost("");
    }
  }

  @Override
  public void upstreamDrained() {
    upstreamSlow = false;
    settle();
  }

  @Override
  public void lost(String why) {
    if (!why.isEmpty()) {
      complaints.accept(why);
    }
    upstreamGone = true;
    upstreamSlow = false;
    Passage passing = passage;
    if (!ready) {
      bid(OwnReply.NO_UPSTREAM.encoded());
    } else if (passing != null && passing.endSent) {
      leaveOpen(passing, finalTurn);
    } else if (passing != null && turns.isEmpty() && !passing.chunked || isFinishing(passing)) {
      // The client learns of it when it has sent all.
      passing.refuse(OwnReply.MESSAGE_LOST.encoded());
      settle();
    } else {
      bid(OwnReply.UPSTREAM_LOST.encoded());
    }
  }

  private static boolean isFinishing(Passage passing) {
    return passing != null && passing.complete;
  }

  private void leaveUpstream() {
    upstreamGone = true;
    upstreamSlow = false;
    upstream.close();
  }

  // Replies.

  /** Says that the client has erred; one that does nothing else is sent away. */
  private void reject(OwnReply reply) {
    badCommands++;
    if (badCommands > route.maxBadCommands()) {
      bid(OwnReply.TOO_MANY_ERRORS.encoded());
    } else {
      turns.answer(turns.next(), reply.encoded());
    }
  }

  private void stopIfAsked() {
    if (stopping && ready && turns.isEmpty() && input == commands && passage == null) {
      bid(OwnReply.STOPPING.encoded());
    }
  }

  private void say(ByteBuffer octets) {
    if (over || !octets.hasRemaining()) {
      return;
    }
    line.send(octets);
    clientSlow |= !line.writable();
  }

  /** Says the last word. */
  private void bid(ByteBuffer reply) {
    if (!over) {
      say(reply);
      hangUp();
    }
  }

  private void hangUp() {
    if (!over) {
      over = true;
      line.close();
    }
  }

  private static ByteBuffer withCrLf(byte[] command) {
    return ByteBuffer.allocate(command.length + 2)
        .put(command)
        .put("\r\n".getBytes(US_ASCII))
        .flip();
  }

  private static LineFramer newFramer() {
    return new LineFramer(MAX_AUTH_LINE_BYTES);
  }
}
