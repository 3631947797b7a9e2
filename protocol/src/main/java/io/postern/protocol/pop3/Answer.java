package io.postern.protocol.pop3;

import java.util.Optional;

/**
 * What a command comes to.
 *
 * @param reply the status line
 * @param body what follows it up to a line with a dot, for a multi-line answer
 * @param after what becomes of the session once all that has been sent
 */
record Answer(Reply reply, Optional<MessageStream> body, After after) {
  enum After {
    NEXT_COMMAND,
    SASL_RESPONSE,
    TLS_HANDSHAKE,
    CLOSE
  }

  static Answer of(Reply reply) {
    return new Answer(reply, Optional.empty(), After.NEXT_COMMAND);
  }

  static Answer of(Reply reply, MessageStream body) {
    return new Answer(reply, Optional.of(body), After.NEXT_COMMAND);
  }

  static Answer then(After after, Reply reply) {
    return new Answer(reply, Optional.empty(), after);
  }
}
