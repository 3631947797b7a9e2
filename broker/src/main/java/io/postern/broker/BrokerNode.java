package io.postern.broker;

import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.ReplicaManager;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.MetadataCache;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Kafka's broker and its controller, put together as {@link KafkaRaftServer} does it. */
final class BrokerNode implements AutoCloseable {
  private final ControllerServer controller;
  private final BrokerServer broker;

  BrokerNode(KafkaConfig config) {
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> directories =
        KafkaRaftServer.initializeLogDirs(config, LoggerFactory.getLogger(BrokerNode.class), "");
    SharedServer shared =
        new SharedServer(
            config,
            directories._1(),
            Time.SYSTEM,
            Server.initializeMetrics(
                config, Time.SYSTEM, directories._1().clusterId().orElseThrow()),
            CompletableFuture.completedFuture(
                QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
            QuorumConfig.parseBootstrapServers(config.quorumConfig().bootstrapServers()),
            new StandardFaultHandlerFactory(),
            ServerSocketFactory.INSTANCE);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), directories._2());
    broker = new BrokerServer(shared);
  }

  void start() {
    controller.startup();
    broker.startup();
  }

  /** The broker's logs. */
  ReplicaManager replicas() {
    return broker.replicaManager();
  }

  /** Told of disks that refuse. */
  LogDirFailureChannel logFailures() {
    return broker.logDirFailureChannel();
  }

  /** What the broker knows of topics. */
  MetadataCache metadata() {
    return broker.metadataCache();
  }

  @Override
  public void close() {
    broker.shutdown();
    controller.shutdown();
    broker.awaitShutdown();
    controller.awaitShutdown();
  }
}
