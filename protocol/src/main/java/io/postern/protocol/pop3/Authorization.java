package io.postern.protocol.pop3;

import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The AUTHORIZATION state (RFC 1939, section 4): a name perhaps, and what failed before. */
final class Authorization {
  private static final int MAX_FAILED_LOGINS = 3;

  private final Authenticator authenticator;
  private final Function<Maildrop, Answer> entrance;
  private Optional<String> user = Optional.empty();
  private int failedLogins;

  /**
   * Nobody yet.
   *
   * @param entrance takes the maildrop that a login opens, and answers
   */
  Authorization(Authenticator authenticator, Function<Maildrop, Answer> entrance) {
    this.authenticator = authenticator;
    this.entrance = entrance;
  }

  /** Says nothing about whether there is such a mailbox. */
  Answer user(String name) {
    user = Optional.of(name);
    return Answer.of(Reply.ok("send PASS"));
  }

  CompletionStage<Answer> pass(byte[] password) throws Refusal {
    if (user.isEmpty()) {
      Arrays.fill(password, (byte) 0);
      throw new Refusal("USER comes first");
    }
    String name = user.get();
    user = Optional.empty();
    return login(name, password);
  }

  /** RFC 5034, section 4; without a mechanism it asks for the list, as Thunderbird does. */
  CompletionStage<Answer> auth(Command.Auth command) throws Refusal {
    if (command.mechanism().isEmpty()) {
      return completedFuture(
          Answer.of(Reply.ok("mechanisms"), Listing.of(List.of(SaslPlain.MECHANISM))));
    }
    if (!command.mechanism().get().equals(SaslPlain.MECHANISM)) {
      throw new Refusal("there is no such mechanism, use PLAIN");
    }
    if (command.initialResponse().isEmpty()) {
      return completedFuture(
          Answer.then(Answer.After.SASL_RESPONSE, new Reply(Reply.Status.CHALLENGE, "")));
    }
    return response(command.initialResponse().get());
  }

  /** The response to PLAIN's empty challenge, which the caller wipes. */
  CompletionStage<Answer> response(byte[] base64) throws Refusal {
    if (base64.length == 1 && base64[0] == '*') {
      throw new Refusal("login cancelled");
    }
    SaslPlain plain = SaslPlain.decode(base64);
    return login(plain.user(), plain.password());
  }

  private CompletionStage<Answer> login(String name, byte[] password) {
    return authenticator
        .login(name, password)
        .thenApply(entrance)
        .exceptionally(failure -> failed(MaildropException.categoryOf(failure)));
  }

  private Answer failed(MaildropException.Category category) {
    Reply reply = Reply.failure(category);
    if (category == MaildropException.Category.CREDENTIALS) {
      failedLogins++;
    }
    return failedLogins < MAX_FAILED_LOGINS
        ? Answer.of(reply)
        : Answer.then(Answer.After.CLOSE, reply);
  }
}
