package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** Messages that come in chunks: BDAT, RFC 3030. */
final class Chunks {
  private final SmtpRoute route;
  private final Upstream upstream;
  private final Turns turns;
  private final Session session;
  private final Transfer transfer;
  private final Transfer.Commands conversation;

  Chunks(
      SmtpRoute route,
      Upstream upstream,
      Turns turns,
      Session session,
      Transfer transfer,
      Transfer.Commands conversation) {
    this.route = route;
    this.upstream = upstream;
    this.turns = turns;
    this.session = session;
    this.transfer = transfer;
    this.conversation = conversation;
  }

  void bdat(byte[] command) {
    ChunkHeader header = ChunkHeader.parse(command);
    if (header == null) {
      conversation.reject(OwnReply.ARGUMENTS_WRONG);
    } else if (transfer.underWay() == null || header.last()) {
      // The recipients must be known before the copy begins, and all chunks before it ends.
      turns.whenEmpty(() -> chunk(header, command));
    } else {
      chunk(header, command);
    }
  }

  private void chunk(ChunkHeader header, byte[] command) {
    OwnReply objection = objection(header);
    if (objection == null && transfer.underWay() == null) {
      objection = transfer.begin(true);
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
    readOn(new ChunkInput(header, transfer.underWay(), end));
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
    Passage passing = transfer.underWay();
    long before = passing == null ? 0 : passing.sizeBytes;
    return header.sizeBytes() > route.maxMessageBytes() - before ? OwnReply.TOO_LARGE : null;
  }

  private void chunkAnswered(Turns.Turn turn, ServerReply reply) {
    if (!reply.positive()) {
      breakOff();
    }
    turns.answer(turn, reply.encoded());
  }

  private void breakOff() {
    transfer.end();
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
      transfer.copied(passing, ByteBuffer.wrap(piece));
      int now = piece.length;
      if (header.last() && left == 0 && piece.length > 0) {
        now--;
        end = ByteBuffer.wrap(piece, now, 1);
      }
      upstream.send(ByteBuffer.wrap(piece, 0, now));
      if (left > 0) {
        transfer.awaitRoom(passing);
      } else {
        conversation.readCommands();
        if (header.last()) {
          transfer.finish(passing, end);
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

  private static ByteBuffer withCrLf(byte[] command) {
    return ByteBuffer.allocate(command.length + 2)
        .put(command)
        .put("\r\n".getBytes(US_ASCII))
        .flip();
  }
}
