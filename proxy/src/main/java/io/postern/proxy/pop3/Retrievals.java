package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.proxy.Archive;
import io.postern.proxy.ClientLine;
import io.postern.proxy.Copied;
import io.postern.proxy.OnArchiveFailure;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes the messages of one conversation through to the client, and into the archive where they
 * pass whole and were not copied before.
 */
final class Retrievals {
  static final String REFUSED = "-ERR [SYS/TEMP] ";
  private static final String ARCHIVE_AWAY = REFUSED + "The archive is not available";

  /** The side that reads commands. */
  interface Commands {
    /** Asks the mail server; no command is read until {@link #done}. */
    void ask(byte[] command, Consumer<Status> then);

    /** Passes a command and its status on. */
    void pass(byte[] command);

    /** The client has its whole reply. */
    void done();
  }

  private final Pop3Route route;
  private final Archive archive;
  private final Copied copied;
  private final Upstream upstream;
  private final ClientLine client;
  private final Session session;
  private final Commands conversation;
  private Retrieval retrieval;

  Retrievals(
      Pop3Route route,
      Archive archive,
      Copied copied,
      Upstream upstream,
      ClientLine client,
      Session session,
      Commands conversation) {
    this.route = route;
    this.archive = archive;
    this.copied = copied;
    this.upstream = upstream;
    this.client = client;
    this.session = session;
    this.conversation = conversation;
  }

  /** Whether the client has got the beginning of a message and waits for its end. */
  boolean isMidText() {
    return retrieval != null && retrieval.passed != null;
  }

  /** RETR and TOP: RFC 1939, sections 5 and 7. */
  void retrieve(byte[] command, Verb verb, String[] arguments) {
    long lines = verb == Verb.RETR ? -1 : arguments.length == 2 ? number(arguments[1]) : 0;
    String message = arguments.length == 0 ? "" : arguments[0];
    retrieval = new Retrieval(message, lines < 0 ? null : new TopWatch(lines));
    if (number(message) < 1 || lines < 0 && verb == Verb.TOP) {
      // The server will say what it thinks of that.
      retrieval = null;
      conversation.pass(command);
      return;
    }
    // The server is asked first, so that nothing is copied twice.
    conversation.ask(
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
    boolean known = !now.uidl.isEmpty() && copied.contains(session.user, now.uidl);
    now.wanted = !known;
    if (now.wanted
        && now.top == null
        && rejects()
        && archive.state(mailbox()) != Archive.State.READY) {
      retrieval = null;
      client.send(Status.of(ARCHIVE_AWAY).encoded());
      conversation.done();
      return;
    }
    upstream.ask(command, status -> begin(now, status));
  }

  private boolean rejects() {
    return route.onArchiveFailure() == OnArchiveFailure.REJECT;
  }

  private String mailbox() {
    return route.mailboxes().of(session.user, "");
  }

  private void begin(Retrieval now, Status status) {
    if (!status.isOk()) {
      retrieval = null;
      client.send(status.encoded());
      conversation.done();
      return;
    }
    if (now.wanted) {
      beginCopy(now);
    }
    if (client.isOver()) {
      return;
    }
    client.send(status.encoded());
    now.passed = new PassedText(client::send);
    upstream.readText(now, () -> ended(now));
  }

  private void beginCopy(Retrieval now) {
    try {
      String protocol = "POP3" + (session.tls.on() ? "S" : "");
      now.copy =
          archive.begin(
              mailbox(),
              new Archive.Origin(
                  null,
                  session.user.isEmpty() ? List.of() : List.of(session.user),
                  "",
                  protocol,
                  session.tls));
    } catch (Archive.Unavailable e) {
      copyLost(now, e);
    }
  }

  /** A message on its way to the client, and into the archive. */
  private final class Retrieval implements Consumer<ByteBuffer> {
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
    public void accept(ByteBuffer text) {
      int offset = text.arrayOffset() + text.position();
      if (top != null) {
        top.see(text.array(), offset, text.remaining());
      }
      if (copy != null) {
        copy.write(text.array(), offset, text.remaining());
        awaitRoom();
      }
      passed.accept(text);
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
    if (now.copy == null) {
      deliver(now);
      return;
    }
    Archive.Copy copy = now.copy;
    copy.finish()
        .whenComplete(
            (nothing, e) -> {
              now.copy = null;
              if (e == null) {
                remember(now, copy);
                return;
              }
              now.trouble = e;
              missed(now);
              deliver(now);
            });
  }

  /** Before the client has its message: else it might be copied again after a crash. */
  private void remember(Retrieval now, Archive.Copy copy) {
    if (now.uidl.isEmpty()) {
      deliver(now);
    } else {
      copied
          .add(session.user, now.uidl, copy.messageId())
          .whenComplete((nothing, e) -> deliver(now));
    }
  }

  private void deliver(Retrieval now) {
    if (client.isOver()) {
      return;
    }
    retrieval = null;
    now.passed.finish();
    conversation.done();
  }

  private void dropCopy(Retrieval now) {
    if (now.copy != null) {
      now.copy.abort();
      now.copy = null;
    }
  }

  /** What is under way counts for nothing. */
  void drop() {
    if (retrieval != null) {
      dropCopy(retrieval);
      retrieval = null;
    }
  }

  /** The server waits while the client or the archive does not keep up. */
  void holdServer() {
    boolean archiveSlow = retrieval != null && retrieval.archiveSlow;
    upstream.hold(!client.isOver() && (client.isSlow() || archiveSlow));
  }
}
