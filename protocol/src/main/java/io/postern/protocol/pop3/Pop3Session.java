package io.postern.protocol.pop3;

import io.postern.protocol.Conversation;
import io.postern.protocol.DotEncoder;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Tls;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The server's side of a POP3 connection (RFC 1939, with 2449, 2595, 3206, 5034 and 6856). One
 * command is in flight at a time; while it is, or while the peer does not take what is sent, the
 * line is paused and what has been pipelined waits in it.
 */
public final class Pop3Session implements Conversation {
  /** The longest response to a SASL challenge, and the longest AUTH command, CRLF included. */
  private static final int MAX_RESPONSE_BYTES = 12 * 1024;

  /** Lines that are no commands, and commands at the wrong time. */
  private static final int MAX_MISTAKES = 20;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** A multi-line answer on its way. */
  private record Transmission(MessageStream body, DotEncoder encoder) {}

  /** What the session waits for before it does anything else. */
  private enum Waiting {
    FOR_NOTHING,
    FOR_STAGE,
    FOR_HANDSHAKE,
    FOR_THE_END
  }

  private final String hostname;
  private final Authenticator authenticator;

  private Line line;
  private Outbox outbox;
  private boolean tls;
  private LineFramer framer = new LineFramer(MAX_RESPONSE_BYTES);
  private ByteBuffer input = NOTHING;

  private Waiting waiting = Waiting.FOR_NOTHING;
  private boolean advancing;
  private boolean paused;
  private boolean stopping;

  private Authorization authorization;
  private boolean saslResponseDue;

  /** Absent in the AUTHORIZATION state. */
  private Optional<Transaction> transaction = Optional.empty();

  private Optional<Transmission> transmission = Optional.empty();
  private int mistakes;

  /**
   * A session.
   *
   * @param hostname the name that the greeting gives
   */
  public Pop3Session(String hostname, Authenticator authenticator) {
    this.hostname = hostname;
    this.authenticator = authenticator;
  }

  @Override
  public void opened(Line line, Tls tls) {
    this.line = line;
    this.outbox = new Outbox(line);
    this.tls = tls.on();
    this.authorization = new Authorization(authenticator, this::enter);
    // No time stamp in angle brackets: APOP is not offered (RFC 1939, section 7).
    outbox.write(ByteBuffer.wrap(Reply.ok(hostname + " Postern POP3 ready").octets()));
    advance();
  }

  @Override
  public void received(ByteBuffer octets) {
    input = octets;
    advance();
    input = NOTHING;
  }

  /** Nothing of what was said in clear counts any more (RFC 2595, section 4). */
  @Override
  public void secured(Tls tls) {
    this.tls = tls.on();
    framer = new LineFramer(MAX_RESPONSE_BYTES);
    authorization = new Authorization(authenticator, this::enter);
    saslResponseDue = false;
    mistakes = 0;
    waiting = Waiting.FOR_NOTHING;
    advance();
  }

  @Override
  public void drained() {
    advance();
  }

  /** Neither a word nor the UPDATE state (RFC 1939, section 3). */
  @Override
  public void timedOut() {
    end();
  }

  @Override
  public void stopping() {
    stopping = true;
    advance();
  }

  @Override
  public void closed() {
    waiting = Waiting.FOR_THE_END;
    stopSending();
    transaction.ifPresent(Transaction::close);
    transaction = Optional.empty();
  }

  /** Does what can be done now, then lets the line read or not, as it fits. */
  private void advance() {
    if (advancing) {
      return;
    }
    advancing = true;
    try {
      boolean stepped = true;
      while (stepped) {
        stepped = step();
      }
    } finally {
      advancing = false;
    }
    if (waiting == Waiting.FOR_THE_END || waiting == Waiting.FOR_HANDSHAKE) {
      return;
    }
    outbox.flush();
    boolean busy = waiting == Waiting.FOR_STAGE || transmission.isPresent() || !line.writable();
    if (busy && !paused) {
      paused = true;
      line.pause();
    } else if (!busy && paused) {
      paused = false;
      line.resume();
    }
  }

  /** One step, or false where none is possible now. */
  private boolean step() {
    if (waiting != Waiting.FOR_NOTHING || !line.writable()) {
      return false;
    }
    if (transmission.isPresent()) {
      sendPiece(transmission.get());
      return true;
    }
    if (stopping) {
      give(
          Answer.then(
              Answer.After.CLOSE, new Reply(Reply.Status.TEMPORARY, "the server is stopping")));
      return false;
    }
    return readLine();
  }

  private boolean readLine() {
    switch (framer.next(input)) {
      case NOTHING -> {
        return false;
      }
      case LINE -> take(framer.line());
      case TOO_LONG -> spoilt("line too long");
      case LONE_CR_OR_LF -> spoilt("a line ends with CRLF and holds no other CR or LF");
    }
    return true;
  }

  private void spoilt(String why) {
    saslResponseDue = false;
    give(mistake(Reply.error(why)));
  }

  private void take(byte[] octets) {
    boolean response = saslResponseDue;
    saslResponseDue = false;
    CompletionStage<Answer> answer;
    try {
      answer = response ? authorization.response(octets) : command(octets);
    } catch (Refusal e) {
      answer = now(Answer.of(e.reply()));
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
    await(answer, this::give, failure -> give(failed(failure)));
  }

  private static Answer failed(Throwable failure) {
    return Answer.of(Reply.failure(MaildropException.categoryOf(failure)));
  }

  private CompletionStage<Answer> command(byte[] octets) throws Refusal {
    Command command;
    try {
      command = CommandParser.parse(octets);
    } catch (Refusal e) {
      return now(mistake(e.reply()));
    }
    Verb.Phase phase = transaction.isPresent() ? Verb.Phase.TRANSACTION : Verb.Phase.AUTHORIZATION;
    Optional<Reply> refusal = command.verb().refusal(phase, tls);
    return refusal.isPresent() ? now(mistake(refusal.get())) : perform(command);
  }

  private CompletionStage<Answer> perform(Command command) throws Refusal {
    return switch (command.verb()) {
      case CAPA -> now(Answer.of(Reply.ok("capabilities"), Listing.of(Capabilities.of(tls))));
      case QUIT -> quit();
      case STLS -> now(stls());
      case UTF8 -> now(Answer.of(Reply.ok("UTF-8 is welcome")));
      case USER -> now(authorization.user(((Command.User) command).name()));
      case PASS -> authorization.pass(((Command.Pass) command).password());
      case AUTH -> authorization.auth((Command.Auth) command);
      case STAT -> now(Answer.of(maildrop().stat()));
      case LIST -> now(maildrop().list(((Command.Scan) command).message()));
      case UIDL -> now(maildrop().uidl(((Command.Scan) command).message()));
      case RETR -> maildrop().retr(((Command.Numbered) command).message());
      case TOP -> maildrop().top((Command.Top) command);
      case DELE -> now(Answer.of(maildrop().dele(((Command.Numbered) command).message())));
      case RSET -> now(Answer.of(maildrop().rset()));
      case NOOP -> now(Answer.of(Reply.ok("here")));
      case LAST -> now(Answer.of(maildrop().last()));
    };
  }

  private CompletionStage<Answer> quit() {
    return transaction.isPresent()
        ? transaction.get().update()
        : now(Answer.then(Answer.After.CLOSE, Reply.ok("bye")));
  }

  /** What follows STLS at once may have been slipped in by another: none of it is heard. */
  private Answer stls() {
    return input.hasRemaining()
        ? Answer.then(
            Answer.After.CLOSE,
            new Reply(Reply.Status.PERMANENT, "nothing may follow STLS before the handshake"))
        : Answer.then(Answer.After.TLS_HANDSHAKE, Reply.ok("begin TLS"));
  }

  /** From AUTHORIZATION to TRANSACTION, unless the peer left while it was logging in. */
  private Answer enter(Maildrop maildrop) {
    Transaction entered = new Transaction(maildrop);
    if (waiting == Waiting.FOR_THE_END) {
      entered.close();
    } else {
      transaction = Optional.of(entered);
    }
    return Answer.of(entered.welcome());
  }

  private Transaction maildrop() {
    return transaction.orElseThrow();
  }

  private Answer mistake(Reply reply) {
    mistakes++;
    return mistakes < MAX_MISTAKES ? Answer.of(reply) : Answer.then(Answer.After.CLOSE, reply);
  }

  private void give(Answer answer) {
    if (waiting == Waiting.FOR_THE_END) {
      answer.body().ifPresent(MessageStream::close);
      return;
    }
    ByteBuffer reply = ByteBuffer.wrap(answer.reply().octets());
    if (answer.after() == Answer.After.TLS_HANDSHAKE) {
      waiting = Waiting.FOR_HANDSHAKE;
      outbox.flush();
      line.startTls(reply);
      return;
    }
    outbox.write(reply);
    transmission = answer.body().map(body -> new Transmission(body, new DotEncoder()));
    saslResponseDue = answer.after() == Answer.After.SASL_RESPONSE;
    if (answer.after() == Answer.After.CLOSE) {
      end();
    }
  }

  private void sendPiece(Transmission sending) {
    await(sending.body().next(), piece -> sent(sending, piece), failure -> end());
  }

  private void sent(Transmission sending, Optional<ByteBuffer> piece) {
    if (piece.isPresent()) {
      outbox.write(sending.encoder().encode(piece.get()));
    } else {
      outbox.write(sending.encoder().finish());
      stopSending();
    }
  }

  private void stopSending() {
    transmission.ifPresent(sending -> sending.body().close());
    transmission = Optional.empty();
  }

  /** Waits for a stage, then goes on: at once where it is complete already. */
  private <T> void await(CompletionStage<T> stage, Consumer<T> then, Consumer<Throwable> failed) {
    waiting = Waiting.FOR_STAGE;
    stage
        .thenAccept(
            value -> {
              waited();
              then.accept(value);
            })
        .exceptionally(
            failure -> {
              waited();
              failed.accept(failure);
              return null;
            })
        .thenRun(this::advance);
  }

  private void waited() {
    if (waiting == Waiting.FOR_STAGE) {
      waiting = Waiting.FOR_NOTHING;
    }
  }

  private void end() {
    outbox.flush();
    closed();
    line.close();
  }

  private static CompletionStage<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
