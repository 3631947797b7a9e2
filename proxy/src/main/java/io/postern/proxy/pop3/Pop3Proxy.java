package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.LineFramer;
import io.postern.protocol.Octets;
import io.postern.protocol.Tls;
import io.postern.proxy.Archive;
import io.postern.proxy.ClientLine;
import io.postern.proxy.Copied;
import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.Sasl;
import io.postern.proxy.Upstreams;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A POP3 client's side of a proxied connection (RFC 1939, 2449, 2595, 5034): passes commands and
 * replies on, one at a time, and copies every message that passes whole and was not copied before.
 */
public final class Pop3Proxy implements Conversation, Upstream.Listener {
  private static final int MAX_LINE_BYTES = 12_288 + 2;

  /** The most of a server's list of capabilities. */
  private static final int MAX_LIST_BYTES = 64 * 1024;

  private static final String REFUSED = "-ERR [SYS/TEMP] ";
  private static final String ARCHIVE_AWAY = REFUSED + "The archive is not available";

  private final Pop3Route route;
  private final Archive archive;
  private final Copied copied;
  private final BooleanSupplier admitsSession;
  private final Upstreams upstreams;
  private final Consumer<String> complaints;
  private final Upstream upstream;
  private final ClientLine client = new ClientLine();

  private LineFramer framer = new LineFramer(MAX_LINE_BYTES);
  private Tls tls;
  private String user = "";
  private Sasl sasl;
  private Retrieval retrieval;
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
    this.archive = archive;
    this.copied = copied;
    this.admitsSession = admitsSession;
    this.upstreams = upstreams;
    this.complaints = complaints;
    this.upstream = new Upstream(route.upstreamTls(), this);
  }

  // The client.

  @Override
  public void opened(Line line, Tls tls) {
    client.opened(line);
    this.tls = tls;
    if (!admitsSession.getAsBoolean()) {
      bid(REFUSED + "Too many sessions from this address; try again later");
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
    this.tls = tls;
    framer = new LineFramer(MAX_LINE_BYTES);
    user = "";
    done();
  }

  @Override
  public void drained() {
    client.drained();
    holdServer();
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
    dropRetrieval();
    upstream.close();
  }

  private boolean held() {
    return client.isOver() || busy || client.isSlow();
  }

  private void settle() {
    client.pauseWhile(held());
  }

  private void done() {
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
      case PASS -> login(command, user);
      case AUTH -> auth(command, arguments);
      case LIST, UIDL -> {
        if (arguments.length == 0) {
          passText(command);
        } else {
          pass(command);
        }
      }
      case RETR, TOP -> retrieve(command, verb, arguments);
      case STAT, DELE, NOOP, RSET, LAST, UTF8 -> pass(command);
      case QUIT -> quit(command);
    }
  }

  private void pass(byte[] command) {
    ask(
        command,
        status -> {
          say(status);
          done();
        });
  }

  private void ask(byte[] command, Consumer<Status> then) {
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
    if (tls.on() || !route.offerStls()) {
      reject(tls.on() ? "TLS is on already" : "Not on this port");
    } else if (moreBehind) {
      bid("-ERR Nothing may follow STLS in clear");
    } else {
      busy = true;
      client.startTls(Status.of("+OK Go ahead").encoded());
    }
  }

  private boolean mayLogIn() {
    return tls.on() && upstream.isProtected();
  }

  private boolean offersStls() {
    return route.offerStls() && !tls.on();
  }

  private void login(byte[] command, String name) {
    if (mayLogIn()) {
      ask(
          command,
          status -> {
            if (status.isOk()) {
              user = name;
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
              user = sasl.user();
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
              (octets, offset, length) -> collect(text, octets, offset, length),
              () -> {
                client.send(
                    ByteBuffer.wrap(
                        (change.apply(text.toByteArray()) + ".\r\n").getBytes(ISO_8859_1)));
                done();
              });
        });
  }

  private void collect(ByteArrayOutputStream text, byte[] octets, int offset, int length) {
    if (text.size() + length > MAX_LIST_BYTES) {
      upstream.close();
      lost("sends a list without end");
    } else {
      text.write(octets, offset, length);
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

  // Messages.

  private void retrieve(byte[] command, Verb verb, String[] arguments) {
    long lines = verb == Verb.RETR ? -1 : arguments.length == 2 ? number(arguments[1]) : 0;
    String message = arguments.length == 0 ? "" : arguments[0];
    retrieval = new Retrieval(message, lines < 0 ? null : new TopWatch(lines));
    if (number(message) < 1 || lines < 0 && verb == Verb.TOP) {
      // The server will say what it thinks of that.
      retrieval = null;
      pass(command);
      return;
    }
    // The server is asked first, so that nothing is copied twice.
    ask(
        ("UIDL " + message).getBytes(ISO_8859_1),
        status -> {
          retrieval.uidl = status.isOk() ? status.word(2) : "";
          retrieveNow(command);
        });
  }

  private static long number(String text) {
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  private void retrieveNow(byte[] command) {
    Retrieval now = retrieval;
    boolean known = !now.uidl.isEmpty() && copied.contains(user, now.uidl);
    now.wanted = !known;
    if (now.wanted && now.top == null && rejects() && !archive.takes(mailbox())) {
      retrieval = null;
      say(Status.of(ARCHIVE_AWAY));
      done();
      return;
    }
    upstream.ask(command, status -> begin(now, status));
  }

  private boolean rejects() {
    return route.onArchiveFailure() == OnArchiveFailure.REJECT;
  }

  private String mailbox() {
    return route.mailboxes().of(user, "");
  }

  private void begin(Retrieval now, Status status) {
    if (!status.isOk()) {
      retrieval = null;
      say(status);
      done();
      return;
    }
    if (now.wanted) {
      beginCopy(now);
    }
    if (client.isOver()) {
      return;
    }
    say(status);
    now.passed = new PassedText(client::send);
    upstream.readText(now, () -> ended(now));
  }

  private void beginCopy(Retrieval now) {
    try {
      String protocol = "POP3" + (tls.on() ? "S" : "");
      now.copy =
          archive.begin(
              mailbox(),
              new Archive.Origin(
                  null, user.isEmpty() ? List.of() : List.of(user), "", protocol, tls));
    } catch (Archive.Unavailable e) {
      copyLost(now, e);
    }
  }

  /** A message on its way to the client, and into the archive. */
  private final class Retrieval implements Octets {
    private final String message;

    /** For TOP; null for RETR. */
    private final TopWatch top;

    private String uidl = "";
    private boolean wanted;

    /** Why there is no copy though one is wanted; null while all is well. */
    private Throwable trouble;

    private Archive.Copy copy;
    private PassedText passed;
    private boolean archiveSlow;

    Retrieval(String message, TopWatch top) {
      this.message = message;
      this.top = top;
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
      if (top != null) {
        top.see(octets, offset, length);
      }
      if (copy != null) {
        copy.write(octets, offset, length);
        awaitRoom();
      }
      passed.write(octets, offset, length);
      holdServer();
    }

    private void awaitRoom() {
      if (archiveSlow || copy.writable()) {
        return;
      }
      archiveSlow = true;
      Archive.Copy slow = copy;
      slow.whenWritable()
          .whenComplete(
              (nothing, e) -> {
                archiveSlow = false;
                if (e != null && copy == slow && retrieval == this) {
                  copy = null;
                  copyLost(this, e);
                }
                holdServer();
              });
    }
  }

  /** Of TOP it is not known yet whether it is the whole message. */
  private void copyLost(Retrieval now, Throwable why) {
    now.trouble = why;
    if (now.top == null) {
      missed(now);
    }
  }

  private void missed(Retrieval now) {
    if (rejects()) {
      cut();
    } else {
      archive.missed(now.trouble.getMessage());
    }
  }

  /** What has no final dot is no message: the client will ask again. */
  private void cut() {
    upstream.close();
    client.hangUp();
  }

  private void ended(Retrieval now) {
    if (now.top == null || !now.wanted || now.top.isSurelyWhole()) {
      settleCopy(now);
      return;
    }
    upstream.ask(
        "LIST " + now.message,
        status -> {
          boolean whole = status.isOk() && now.top.isWhole(number(status.word(2)));
          if (!whole) {
            dropCopy(now);
            now.trouble = null;
          }
          settleCopy(now);
        });
  }

  private void settleCopy(Retrieval now) {
    if (now.trouble != null && now.top != null) {
      missed(now);
    }
    if (client.isOver()) {
      return;
    }
    if (now.copy == null) {
      deliver(now);
      return;
    }
    Archive.Copy copy = now.copy;
    copy.finish()
        .whenComplete(
            (nothing, e) -> {
              now.copy = null;
              if (e != null) {
                now.trouble = e;
                missed(now);
              } else if (!now.uidl.isEmpty()) {
                copied.add(user, now.uidl, copy.messageId());
              }
              if (!client.isOver()) {
                deliver(now);
              }
            });
  }

  private void deliver(Retrieval now) {
    retrieval = null;
    now.passed.finish();
    done();
  }

  private void dropCopy(Retrieval now) {
    if (now.copy != null) {
      now.copy.abort();
      now.copy = null;
    }
  }

  private void dropRetrieval() {
    if (retrieval != null) {
      dropCopy(retrieval);
      retrieval = null;
    }
  }

  /** The server waits while the client or the archive does not keep up. */
  private void holdServer() {
    boolean archiveSlow = retrieval != null && retrieval.archiveSlow;
    upstream.hold(!client.isOver() && (client.isSlow() || archiveSlow));
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
    complaints.accept(why);
    boolean midText = retrieval != null && retrieval.passed != null;
    dropRetrieval();
    if (midText) {
      client.hangUp();
    } else {
      bid(
          REFUSED
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
      bid(REFUSED + "This server is stopping; try again later");
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
