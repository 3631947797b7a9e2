package io.postern.bench.scaling;

/**
 * What one message takes of each part, as measured on a small machine (docs/performance.md).
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
          new Cpu(850, 3900),
          new Cpu(780, 3800),
          new Cpu(1150, 3800),
          new Cpu(180, 1300),
          new Cpu(1000, 8500),
          1.01,
          900);

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
