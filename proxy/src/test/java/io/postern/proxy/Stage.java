package io.postern.proxy;

/** A proxy between the two peers that a transcript plays. */
interface Stage extends AutoCloseable {
  Peer client();

  Peer upstream();

  /** The mail server cannot be reached. To be called before anything else. */
  void refuseConnections();

  /** What the archive does from here on: see {@link FakeArchive}. */
  FakeArchive archive();

  @Override
  void close();
}
