package io.postern.protocol.pop3;

/** A command that is refused before anything is done for it. */
final class Refusal extends Exception {
  private final transient Reply reply;

  Refusal(Reply reply) {
    super(reply.text(), null, false, false);
    this.reply = reply;
  }

  Refusal(String text) {
    this(Reply.error(text));
  }

  Reply reply() {
    return reply;
  }
}
