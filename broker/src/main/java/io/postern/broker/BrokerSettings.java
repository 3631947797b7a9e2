package io.postern.broker;

import java.nio.file.Path;
import java.util.Properties;

/**
 * Kafka's settings for one node in a process that shares a small heap: few threads, small buffers,
 * one replica of everything, and a restart that does not wait long for the registration that a
 * killed predecessor left behind.
 */
final class BrokerSettings {
  /**
   * How long a killed broker's registration lives. Its successor waits for it, so it is short; it
   * is long enough to sit out a pause of the whole process.
   */
  private static final int SESSION_TIMEOUT_MS = 3_000;

  /**
   * The most that a producer may send in one batch, so that one flush to disk serves for it: four
   * times what Kafka takes by default.
   */
  static final int BATCH_BYTES = 4 * 1024 * 1024;

  /**
   * Between entries in a log's indexes, which are flushed, each, with every batch that adds one,
   * where Kafka flushes. Who looks for a record reads so much from an entry on at most, and only
   * the batches' headers.
   */
  private static final int INDEX_INTERVAL_BYTES = 1024 * 1024;

  private BrokerSettings() {}

  static Properties of(Path logDirectory, ClientFile client, int controllerPort) {
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("log.dirs", logDirectory.toString());
    listeners(p, client, controllerPort);
    singleNode(p);
    footprint(p);
    logs(p);
    return p;
  }

  /**
   * Loopback only, and even there nobody enters without the password: other users live here too.
   */
  private static void listeners(Properties p, ClientFile client, int controllerPort) {
    String clients = "CLIENT://127.0.0.1:" + client.port();
    p.setProperty("listeners", clients + ",CONTROLLER://127.0.0.1:" + controllerPort);
    p.setProperty("advertised.listeners", clients);
    p.setProperty("inter.broker.listener.name", "CLIENT");
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    p.setProperty(
        "listener.security.protocol.map", "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT");
    p.setProperty("sasl.enabled.mechanisms", "PLAIN");
    p.setProperty("sasl.mechanism.inter.broker.protocol", "PLAIN");
    p.setProperty("sasl.mechanism.controller.protocol", "PLAIN");
    p.setProperty("listener.name.client.plain.sasl.jaas.config", client.serverJaas());
    p.setProperty("listener.name.controller.plain.sasl.jaas.config", client.serverJaas());
  }

  private static void singleNode(Properties p) {
    p.setProperty("broker.session.timeout.ms", Integer.toString(SESSION_TIMEOUT_MS));
    p.setProperty("broker.heartbeat.interval.ms", Integer.toString(SESSION_TIMEOUT_MS / 6));
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("default.replication.factor", "1");
    p.setProperty("min.insync.replicas", "1");
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "4");
    p.setProperty("offsets.retention.minutes", Integer.toString(90 * 24 * 60));
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "1");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
  }

  private static void footprint(Properties p) {
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "4");
    p.setProperty("background.threads", "2");
    p.setProperty("group.coordinator.threads", "1");
    p.setProperty("socket.request.max.bytes", "16777216");
    p.setProperty("queued.max.request.bytes", "33554432");
    p.setProperty("log.cleaner.dedupe.buffer.size", "4194304");
    p.setProperty("log.cleaner.io.buffer.size", "262144");
    // For each partition as it is loaded: Kafka's 5 MiB, three times, are a tenth of all that a
    // start takes from the heap.
    p.setProperty("offsets.load.buffer.size", "262144");
    p.setProperty("transaction.state.log.load.buffer.size", "262144");
    // Nobody looks at them, and a bean for each takes a twentieth of the way to the start.
    p.setProperty("metric.reporters", "");
    p.setProperty("metrics.jmx.exclude", ".*");
  }

  private static void logs(Properties p) {
    // A truncated topic gives disk space back segment by segment, and a crash re-reads the last.
    p.setProperty("log.segment.bytes", "67108864");
    // A file system that discards what is deleted holds up every flush meanwhile: with Kafka's
    // defaults for all that was truncated in five minutes, a minute later, in whatever burst comes.
    p.setProperty("log.retention.check.interval.ms", "5000");
    p.setProperty("log.segment.delete.delay.ms", "1000");
    p.setProperty("log.index.size.max.bytes", "1048576");
    p.setProperty("log.index.interval.bytes", Integer.toString(INDEX_INTERVAL_BYTES));
    p.setProperty("message.max.bytes", Integer.toString(BATCH_BYTES));
    // Lets topics bound with flush.ms what a power cut can take. Kafka would take the scheduler's
    // interval for all the others, too.
    p.setProperty("log.flush.scheduler.interval.ms", "1000");
    p.setProperty("log.flush.interval.ms", Long.toString(Long.MAX_VALUE));
  }
}
