package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Tls;
import io.postern.proxy.Archive;
import io.postern.proxy.ClientLine;
import io.postern.proxy.Copied;
import io.postern.proxy.Sasl;
import io.postern.proxy.Upstreams;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A POP3 client's side of a proxied connection (RFC 1939, 2449, 2595, 5034): passes commands and
 * replies on, one at a time, and copies every message that passes whole and was not copied before.
 */
public final class Pop3Proxy implements Conversation, Upstream.Listener, Retrievals.Commands {
  private static final int MAX_LINE_BYTES = 12_288 + 2;

  /** The most of a server's list of capabilities. */
  private static final int MAX_LIST_BYTES = 64 * 1024;

  private final Pop3Route route;
  private final BooleanSupplier admitsSession;
  private final Upstreams upstreams;
  private final Consumer<String> complaints;
  private final Upstream upstream;
  private final ClientLine client = new ClientLine();
  private final Session session = new Session();
  private final Retrievals retrievals;

  private LineFramer framer = new LineFramer(MAX_LINE_BYTES);
  private Sasl sasl;
  private int badCommands;

  /** A command has not got its whole reply. */
  private boolean busy = true;

  private boolean ready;
  private boolean stopping;

  /**
   * @param copied what need not be copied again
   * @param admitsSession whether the client may begin one more session now
   * @param complaints hears in one line what is wrong with the mail server
   */
  public Pop3Proxy(
      Pop3Route route,
      Archive archive,
      Copied copied,
      BooleanSupplier admitsSession,
      Upstreams upstreams,
      Consumer<String> complaints) {
    this.route = route;
    this.admitsSession = admitsSession;
    this.upstreams = upstreams;
    this.complaints = complaints;
    this.upstream = new Upstream(route.upstreamTls(), this);
    this.retrievals = new Retrievals(route, archive, copied, upstream, client, session, this);
  }

  // The client.

  @Override
  public void opened(Line line, Tls tls) {
    client.opened(line);
    session.tls = tls;
    if (!admitsSession.getAsBoolean()) {
      bid(Retrievals.REFUSED + "Too many sessions from this address; try again later");
      return;
    }
    settle();
    upstreams.dial(upstream, complaints);
  }

  @Override
  public void received(ByteBuffer octets) {
    while (octets.hasRemaining() && !held()) {
      switch (framer.next(octets)) {
        case NOTHING -> {}
        case TOO_LONG -> reject("Line too long");
        case LONE_CR_OR_LF -> reject("Lines end in CRLF and hold no other CR or LF");
        case LINE -> read(framer.line(), octets.hasRemaining());
      }
    }
    settle();
  }

  @Override
  public void secured(Tls tls) {
    session.tls = tls;
    framer = new LineFramer(MAX_LINE_BYTES);
    session.user = "";
    done();
  }

  @Override
  public void drained() {
    client.drained();
    retrievals.holdServer();
    settle();
  }

  @Override
  public void timedOut() {
    client.hangUp();
  }

  @Override
  public void stopping() {
    stopping = true;
    stopIfAsked();
  }

  @Override
  public void closed() {
    client.closed();
    retrievals.drop();
    upstream.close();
  }

  private boolean held() {
    return client.isOver() || busy || client.isSlow();
  }

  private void settle() {
    client.pauseWhile(held());
  }

  @Override
  public void done() {
    busy = false;
    stopIfAsked();
    settle();
  }

  // Commands.

  private void read(byte[] command, boolean moreBehind) {
    if (sasl != null) {
      sasl.clientSays(command);
      askForAuth(command);
      return;
    }
    Verb verb = Verb.of(command);
    if (verb == null) {
      reject("This command does not pass");
      return;
    }
    String[] arguments = verb.arguments(command);
    switch (verb) {
      case CAPA -> list(command, text -> Capabilities.filter(text, mayLogIn(), offersStls()));
      case STLS -> startTls(moreBehind);
      case USER, APOP -> login(command, arguments.length == 0 ? "" : arguments[0]);
      case PASS -> login(command, session.user);
      case AUTH -> auth(command, arguments);
      case LIST, UIDL -> {
        if (arguments.length == 0) {
          passText(command);
        } else {
          pass(command);
        }
      }
      case RETR, TOP -> retrievals.retrieve(command, verb, arguments);
      case STAT, DELE, NOOP, RSET, LAST, UTF8 -> pass(command);
      case QUIT -> quit(command);
    }
  }

  @Override
  public void pass(byte[] command) {
    ask(
        command,
        status -> {
          say(status);
          done();
        });
  }

  @Override
  public void ask(byte[] command, Consumer<Status> then) {
    busy = true;
    upstream.ask(command, then);
  }

  private void quit(byte[] command) {
    ask(
        command,
        status -> {
          say(status);
          client.hangUp();
        });
  }

  /** What was buffered in clear could pass for protected later on: RFC 2595, section 4. */
  private void startTls(boolean moreBehind) {
    if (session.tls.on() || !route.offerStls()) {
      reject(session.tls.on() ? "TLS is on already" : "Not on this port");
    } else if (moreBehind) {
      bid("-ERR Nothing may follow STLS in clear");
    } else {
      busy = true;
      client.startTls(Status.of("+OK Go ahead").encoded());
    }
  }

  private boolean mayLogIn() {
    return session.tls.on() && upstream.isProtected();
  }

  private boolean offersStls() {
    return route.offerStls() && !session.tls.on();
  }

  private void login(byte[] command, String name) {
    if (mayLogIn()) {
      ask(
          command,
          status -> {
            if (status.isOk()) {
              session.user = name;
            }
            say(status);
            done();
          });
    } else {
      reject("Only over TLS");
    }
  }

  private void auth(byte[] command, String[] arguments) {
    if (!mayLogIn()) {
      reject("Only over TLS");
    } else if (arguments.length == 0) {
      list(command, Capabilities::mechanisms);
    } else if (!Sasl.carries(arguments[0])) {
      reject("This mechanism does not pass through a proxy");
    } else {
      sasl = new Sasl(arguments[0]);
      if (arguments.length > 1) {
        sasl.clientSays(arguments[1].getBytes(ISO_8859_1));
      }
      askForAuth(command);
    }
  }

  private void askForAuth(byte[] octets) {
    ask(
        octets,
        status -> {
          if (!status.isContinuation()) {
            if (status.isOk()) {
              session.user = sasl.user();
            }
            sasl = null;
          }
          say(status);
          done();
        });
  }

  /** A list that is small and passes with changes. */
  private void list(byte[] command, Function<byte[], String> change) {
    ask(
        command,
        status -> {
          say(status);
          if (!status.isOk()) {
            done();
            return;
          }
          ByteArrayOutputStream text = new ByteArrayOutputStream();
          upstream.readText(
              piece -> collect(text, piece),
              () -> {
                client.send(
                    ByteBuffer.wrap(
                        (change.apply(text.toByteArray()) + ".\r\n").getBytes(ISO_8859_1)));
                done();
              });
        });
  }

  private void collect(ByteArrayOutputStream text, ByteBuffer piece) {
    if (text.size() + piece.remaining() > MAX_LIST_BYTES) {
      upstream.close();
      lost("sends a list without end");
    } else {
      text.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
    }
  }

  /** A text of any size that passes as it is. */
  private void passText(byte[] command) {
    ask(
        command,
        status -> {
          say(status);
          if (status.isOk()) {
            PassedText passed = new PassedText(client::send);
            upstream.readText(passed, () -> endText(passed));
          } else {
            done();
          }
        });
  }

  private void endText(PassedText passed) {
    passed.finish();
    done();
  }

  // The mail server.

  @Override
  public void ready(Status greeting) {
    say(greeting);
    if (greeting.isOk()) {
      ready = true;
      done();
    } else {
      upstream.close();
      client.hangUp();
    }
  }

  @Override
  public void lost(String why) {
    if (!why.isEmpty()) {
      complaints.accept(why);
    }
    boolean midText = retrievals.isMidText();
    retrievals.drop();
    if (midText) {
      client.hangUp();
    } else {
      bid(
          Retrievals.REFUSED
              + (ready
                  ? "The connection to the mail server is lost"
                  : "The mail server cannot be reached"));
    }
  }

  // Replies.

  private void reject(String why) {
    badCommands++;
    if (badCommands > route.maxBadCommands()) {
      bid("-ERR Too many errors");
    } else {
      say(Status.of("-ERR " + why));
    }
  }

  private void stopIfAsked() {
    if (stopping && ready && !busy && sasl == null) {
      bid(Retrievals.REFUSED + "This server is stopping; try again later");
    }
  }

  private void say(Status status) {
    client.send(status.encoded());
  }

  /** Says the last word. */
  private void bid(String text) {
    client.bid(Status.of(text).encoded());
  }
}
