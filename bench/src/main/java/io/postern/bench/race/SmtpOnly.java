package io.postern.bench.race;

/** Another contender, of whose mail nothing is fetched: logins are no part of what is measured. */
record SmtpOnly(Contender contender) implements Contender {
  @Override
  public String name() {
    return contender.name();
  }

  @Override
  public String smtp() {
    return contender.smtp();
  }

  @Override
  public boolean starttls() {
    return contender.starttls();
  }

  @Override
  public String pop3() {
    return null;
  }

  @Override
  public String pids() {
    return contender.pids();
  }

  @Override
  public String login() {
    return contender.login();
  }

  /** It is not ours to close. */
  @Override
  public void close() {}
}
