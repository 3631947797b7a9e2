package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.protocol.DotDecoder;
import io.postern.protocol.DotEncoder;
import io.postern.proxy.Archive;
import io.postern.proxy.ClientLine;
import io.postern.proxy.OnArchiveFailure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes the messages of one conversation through, by DATA or by BDAT, to the mail server and into
 * the archive at once. The end leaves for the mail server only when the whole copy is safe; the
 * server's answer decides the copy; then the client hears it (docs/adr/0010).
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

  boolean isUnderWay() {
    return passage != null;
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
    passage = agreed ? begin(false) : null;
    if (passage == null) {
      // A server that waits for data can only be left.
      upstream.close();
      turns.answer(turn, (agreed ? OwnReply.ARCHIVE_AWAY : OwnReply.NO_RECIPIENTS).encoded());
      return;
    }
    Passage begun = passage;
    DotDecoder decoder = new DotDecoder();
    DotEncoder encoder = new DotEncoder();
    conversation.readNext(octets -> readData(begun, decoder, encoder, octets));
    turns.answer(turn, reply.encoded());
  }

  /** Null where mail does not pass without a copy and there can be none now. */
  private Passage begin(boolean chunked) {
    try {
      return new Passage(
          archive.begin(
              route.mailboxes().of(session.user, session.transaction.from()), session.origin()),
          chunked);
    } catch (Archive.Unavailable e) {
      if (route.onArchiveFailure() == OnArchiveFailure.REJECT) {
        return null;
      }
      archive.missed(e.getMessage());
      return new Passage(null, chunked);
    }
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
      conversation.readCommands();
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

  /** BDAT: RFC 3030, section 2. */
  void bdat(byte[] command) {
    ChunkHeader header = ChunkHeader.parse(command);
    if (header == null) {
      conversation.reject(OwnReply.ARGUMENTS_WRONG);
    } else if (passage == null || header.last()) {
      // The recipients must be known before the copy begins, and all chunks before it ends.
      turns.whenEmpty(() -> chunk(header, command));
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
    if (!session.chunking) {
      return OwnReply.NOT_CARRIED;
    }
    if (session.transaction == null || session.transaction.isBroken()) {
      return OwnReply.BAD_SEQUENCE;
    }
    if (session.transaction.recipients().isEmpty()) {
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
    end();
    if (session.transaction != null) {
      session.transaction.breakOff();
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
        conversation.readCommands();
        if (header.last()) {
          finish(passing, end);
        }
      }
    }
  }

  private void readOn(ChunkInput chunk) {
    conversation.readNext(chunk);
    if (chunk.left == 0) {
      chunk.read(ByteBuffer.allocate(0));
    }
  }

  private void swallow(long sizeBytes, OwnReply reply) {
    long[] left = {sizeBytes};
    Input rest =
        octets -> {
          int count = (int) Math.min(left[0], octets.remaining());
          octets.position(octets.position() + count);
          left[0] -= count;
          if (left[0] == 0) {
            conversation.readCommands();
            conversation.reject(reply);
          }
        };
    conversation.readNext(rest);
    if (sizeBytes == 0) {
      rest.read(ByteBuffer.allocate(0));
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
  private void finish(Passage passing, ByteBuffer end) {
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

  private static ByteBuffer withCrLf(byte[] command) {
    return ByteBuffer.allocate(command.length + 2)
        .put(command)
        .put("\r\n".getBytes(US_ASCII))
        .flip();
  }
}
