package io.postern.protocol.smtp;

/** A command that is not well-formed, with what there is to say to it. */
final class SyntaxException extends Exception {
  private final transient Reply reply;

  SyntaxException(Reply reply) {
    super(reply.toString(), null, false, false);
    this.reply = reply;
  }

  Reply reply() {
    return reply;
  }
}
