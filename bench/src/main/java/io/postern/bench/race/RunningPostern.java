package io.postern.bench.race;

/**
 * A Postern that runs already, embedded or as services. It has the mailboxes {@code u0@peer.test}
 * to {@code u31@peer.test} with the passwords {@code pw-u0} to {@code pw-u31}; it is left running.
 *
 * @param pids of all its processes' roots, comma-separated
 */
public record RunningPostern(String smtp, String pop3, String pids) implements Contender {
  @Override
  public String name() {
    return "Postern";
  }

  @Override
  public String login() {
    return "u%d@" + Mailboxes.DOMAIN;
  }

  @Override
  public void close() {}
}
