package io.postern.bench.scaling;

/**
 * What one message takes of each part. Measured: see {@link Inputs}.
 *
 * @param ingest taking mail: session, TLS, sealing to the transit key
 * @param raw appending it to {@code raw} on one replica, and reading it there
 * @param crypto of a crypto-worker: opening, sealing to the mailbox
 * @param sealed as {@code raw}, for the other topic
 * @param store of a store-worker's own thread: reading, putting together
 * @param put of the threads that call the store, or are it
 * @param pop3 fetching and deleting: reading, opening, TLS; without logging in
 * @param besides what the same machine has to do for it besides
 * @param writeAmplification octets that Kafka writes for one octet of mail on one replica of one
 *     topic
 * @param recordOctets that Kafka writes for each message besides: headers, indexes, ledger facts
 */
record Costs(
    Cpu ingest,
    Cpu raw,
    Cpu crypto,
    Cpu sealed,
    Cpu store,
    Cpu put,
    Cpu pop3,
    Besides besides,
    double writeAmplification,
    int recordOctets) {

  /** Octets on the disk of one replica of one topic. */
  double kept(double octets) {
    return octets * writeAmplification + recordOctets;
  }

  /**
   * What runs on the small machine, too.
   *
   * @param connection a TLS handshake, both sides
   * @param client sending a message
   * @param accepting the JVM's collector and compilers, the ledger and Kafka's other threads, for
   *     each message that is taken
   * @param storing the same for each that is sealed and stored
   */
  record Besides(Cpu connection, Cpu client, Cpu accepting, Cpu storing) {
    static final Besides NOTHING = new Besides(Cpu.NONE, Cpu.NONE, Cpu.NONE, Cpu.NONE);
  }

  /**
   * Time of one core.
   *
   * @param perMessage in microseconds
   * @param perMegabyte in microseconds for 10^6 octets
   */
  record Cpu(double perMessage, double perMegabyte) {
    static final Cpu NONE = new Cpu(0, 0);

    double seconds(double octets) {
      return (perMessage + perMegabyte * octets / 1e6) / 1e6;
    }
  }
}
