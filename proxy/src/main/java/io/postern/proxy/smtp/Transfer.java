package io.postern.proxy.smtp;

import io.postern.protocol.DotDecoder;
import io.postern.protocol.DotEncoder;
import io.postern.proxy.Archive;
import io.postern.proxy.ClientLine;
import io.postern.proxy.OnArchiveFailure;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes the messages of one conversation through to the mail server and into the archive at once:
 * by DATA, and what {@link Chunks} bring. The end leaves for the mail server only when the whole
 * copy is safe; the server's answer decides the copy; then the client hears it (docs/adr/0010).
 */
final class Transfer {
  /** The side that reads commands. */
  interface Commands {
    /** The client's next octets are something else, until {@link #readCommands}. */
    void readNext(Input input);

    void readCommands();

    /** Says that the client has erred. */
    void reject(OwnReply reply);

    /** Something that reading waits for may have changed. */
    void settle();
  }

  private final SmtpRoute route;
  private final Archive archive;
  private final Upstream upstream;
  private final ClientLine client;
  private final Turns turns;
  private final Session session;
  private final Commands conversation;

  private Passage passage;
  private boolean upstreamSlow;
  private boolean archiveSlow;

  Transfer(
      SmtpRoute route,
      Archive archive,
      Upstream upstream,
      ClientLine client,
      Turns turns,
      Session session,
      Commands conversation) {
    this.route = route;
    this.archive = archive;
    this.upstream = upstream;
    this.client = client;
    this.turns = turns;
    this.session = session;
    this.conversation = conversation;
  }

  /** Whether the client must wait, since the mail server or the archive does not keep up. */
  boolean hold() {
    return upstreamSlow && !upstream.isOver() || archiveSlow;
  }

  /** The message that is under way, or null. */
  Passage underWay() {
    return passage;
  }

  /** Whether the mail server has all of a message, whose outcome it has still to tell. */
  boolean isEndSent() {
    return passage != null && passage.isEndSent();
  }

  /** DATA: RFC 5321, section 4.1.1.4. */
  void data(byte[] command) {
    if (session.transaction == null || passage != null) {
      conversation.reject(OwnReply.BAD_SEQUENCE);
      return;
    }
    Turns.Turn turn = turns.last();
    upstream.ask(command, reply -> goAhead(turn, reply));
  }

  private void goAhead(Turns.Turn turn, ServerReply reply) {
    if (reply.code() != 354) {
      session.transaction = null;
      turns.answer(turn, reply.encoded());
      return;
    }
    boolean agreed = session.transaction != null && !session.transaction.recipients().isEmpty();
    OwnReply objection = agreed ? begin(false) : OwnReply.NO_RECIPIENTS;
    if (objection != null) {
      // A server that waits for data can only be left.
      upstream.close();
      turns.answer(turn, objection.encoded());
      return;
    }
    Passage begun = passage;
    DotDecoder decoder = new DotDecoder();
    DotEncoder encoder = new DotEncoder();
    conversation.readNext(octets -> readData(begun, decoder, encoder, octets));
    turns.answer(turn, reply.encoded());
  }

  /** Begins a message; says why where none passes without a copy and there can be none now. */
  OwnReply begin(boolean chunked) {
    Archive.Copy copy = null;
    try {
      copy =
          archive.begin(
              route.mailboxes().of(session.user, session.transaction.from()), session.origin());
    } catch (Archive.Unavailable e) {
      if (route.onArchiveFailure() == OnArchiveFailure.REJECT) {
        return OwnReply.of(e.state());
      }
      archive.missed(e.getMessage());
    }
    passage = new Passage(copy, chunked);
    return null;
  }

  private void readData(Passage begun, DotDecoder decoder, DotEncoder encoder, ByteBuffer octets) {
    // One more: a CR that was held back.
    ByteBuffer text = ByteBuffer.allocate(octets.remaining() + 1);
    boolean ended = decoder.decode(octets, text::put);
    text.flip();
    if (decoder.loneCrOrLf()) {
      refuse(begun, OwnReply.LONE_CR_OR_LF.encoded());
    }
    if (copied(begun, text)) {
      upstream.send(encoder.encode(text));
    }
    if (ended) {
      conversation.readCommands();
      finish(begun, encoder.finish());
    } else {
      awaitRoom(begun);
    }
  }

  /** Copies a piece that has an array; false where the message does not pass any more. */
  boolean copied(Passage passing, ByteBuffer text) {
    passing.sizeBytes += text.remaining();
    if (passing.sizeBytes > route.maxMessageBytes()) {
      refuse(passing, OwnReply.TOO_LARGE.encoded());
    }
    if (passing.isRefused()) {
      return false;
    }
    if (passing.copy() != null) {
      passing.copy().write(text.array(), text.arrayOffset() + text.position(), text.remaining());
    }
    return true;
  }

  /** Holds the client as long as the mail server or the archive does not keep up. */
  void awaitRoom(Passage passing) {
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
                conversation.settle();
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
    upstream.close();
    if (passing.chunked && !passing.complete) {
      // Chunks before this one have no answer yet: one for all.
      client.bid(reply);
    }
  }

  /** All has come: first the copy, then the mail server, then the client. */
  void finish(Passage passing, ByteBuffer end) {
    passing.complete = true;
    Turns.Turn turn = turns.last();
    if (passing.isRefused() || passing.copy() == null) {
      sendEnd(passing, end, turn);
      return;
    }
    passing
        .copy()
        .prepare()
        .whenComplete(
            (nothing, e) -> {
              if (e != null && !passing.isRefused() && !client.isGone()) {
                copyLost(passing, e);
              }
              sendEnd(passing, end, turn);
            });
  }

  private void sendEnd(Passage passing, ByteBuffer end, Turns.Turn turn) {
    if (passing.isRefused() || client.isGone()) {
      endTransaction();
      turns.answer(turn, passing.isRefused() ? passing.refusal() : ByteBuffer.allocate(0));
      return;
    }
    passing.endLeaves(turn);
    upstream.expect(reply -> decide(passing, turn, reply));
    upstream.send(end);
  }

  private void decide(Passage passing, Turns.Turn turn, ServerReply reply) {
    if (!reply.positive() && !reply.negative()) {
      upstream.close();
      leaveOpen(passing);
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

  private void leaveOpen(Passage passing) {
    CompletionStage<Void> left =
        passing.copy() == null
            ? CompletableFuture.completedFuture(null)
            : passing.copy().leaveOpen();
    left.whenComplete((nothing, e) -> conclude(passing.outcome(), OwnReply.OUTCOME_OPEN.encoded()));
  }

  private void conclude(Turns.Turn turn, ByteBuffer reply) {
    passage = null;
    session.transaction = null;
    turns.answer(turn, reply);
    if (client.isGone()) {
      upstream.close();
    }
  }

  /** The message that was under way counts for nothing, unless its end has left already. */
  void end() {
    if (passage != null && !passage.isEndSent()) {
      passage.abort();
      passage = null;
    }
  }

  private void endTransaction() {
    end();
    session.transaction = null;
  }

  // What the mail server does meanwhile.

  void upstreamDrained() {
    upstreamSlow = false;
  }

  /** Whether a reply that nobody has asked for is about the message that is under way. */
  boolean interrupted(ServerReply reply) {
    if (passage == null || passage.isEndSent() || passage.isRefused()) {
      return false;
    }
    refuse(passage, reply.negative() ? reply.encoded() : OwnReply.MESSAGE_LOST.encoded());
    return true;
  }

  /** Whether the loss of the mail server is about the message that is under way. */
  boolean lost() {
    if (passage == null) {
      return false;
    }
    if (passage.isEndSent()) {
      leaveOpen(passage);
      return true;
    }
    if (turns.isEmpty() && !passage.chunked || passage.complete) {
      // The client learns of it when it has sent all.
      passage.refuse(OwnReply.MESSAGE_LOST.encoded());
      conversation.settle();
      return true;
    }
    return false;
  }
}
