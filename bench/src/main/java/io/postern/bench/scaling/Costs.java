package io.postern.bench.scaling;

/**
 * What one message takes of each part, as measured on a small machine (docs/scaling.md).
 *
 * @param ingest of an ingest process: session, TLS, sealing to the transit key
 * @param crypto of a crypto-worker: opening, sealing to the mailbox
 * @param store of a store-worker: reading, hashing, writing
 * @param pop3 of a POP3 frontend: reading, opening, TLS, deleting
 * @param broker of Kafka, for all the records of a message on one replica
 * @param writeAmplification octets that Kafka keeps for one octet of mail on one replica, while
 *     both topics hold it
 * @param recordOctets Kafka keeps for each message beside its content: headers, ledger facts
 */
record Costs(
    Cpu ingest,
    Cpu crypto,
    Cpu store,
    Cpu pop3,
    Cpu broker,
    double writeAmplification,
    int recordOctets) {

  /** The CPU time of each part's threads under load, warmed up, divided by the messages. */
  static final Costs MEASURED =
      new Costs(
          new Cpu(560, 4160),
          new Cpu(550, 3820),
          new Cpu(1180, 2600),
          new Cpu(150, 1100),
          new Cpu(480, 6400),
          1.01,
          900);

  /** The same, where each message costs a process that shares the machine so much more. */
  Costs besides(double microseconds) {
    return new Costs(
        new Cpu(ingest.perMessage() + microseconds, ingest.perMegabyte()),
        crypto,
        store,
        pop3,
        broker,
        writeAmplification,
        recordOctets);
  }

  /**
   * Time of one core.
   *
   * @param perMessage in microseconds
   * @param perMegabyte in microseconds for 10^6 octets
   */
  record Cpu(double perMessage, double perMegabyte) {
    double seconds(double octets) {
      return (perMessage + perMegabyte * octets / 1e6) / 1e6;
    }
  }
}
