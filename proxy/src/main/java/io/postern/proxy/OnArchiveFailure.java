package io.postern.proxy;

/** What becomes of mail while the archive takes no copies. */
public enum OnArchiveFailure {
  /** It does not pass: the client is told to try again later. */
  REJECT,
  /** It passes without a copy; each is counted and logged. */
  DELIVER
}
