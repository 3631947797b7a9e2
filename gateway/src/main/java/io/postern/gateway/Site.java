package io.postern.gateway;

import io.postern.broker.BrokerException;
import io.postern.broker.EmbeddedKafka;
import io.postern.gateway.config.Settings;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailboxes;
import io.postern.mailbox.WorkFactor;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.S3Settings;
import io.postern.maildrop.S3Store;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CrashRecovery;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka and the object store that the settings name: what everything else is built upon. Without a
 * cluster's address that is the embedded broker on {@code data/kafka}, without an endpoint the
 * directory {@code data/objects}.
 */
final class Site implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Site.class);

  private final Closing closing = new Closing();
  private final Optional<EmbeddedKafka> broker;
  private final Map<String, Object> kafka;
  private final Topics topics;
  private final ObjectStore store;

  private Site(Optional<EmbeddedKafka> broker, Map<String, Object> kafka, Settings settings) {
    this.broker = broker;
    this.kafka = kafka;
    this.topics = topics(settings);
    broker.ifPresent(closing::add);
    try {
      this.store = closing.add(store(settings));
      checkTopics();
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /** For the process that is to run the broker, if one is embedded. */
  static Site own(Settings settings) {
    makeDataDirectory(settings.data());
    if (!settings.kafka().embedded()) {
      return new Site(Optional.empty(), cluster(settings), settings);
    }
    EmbeddedKafka broker = startBroker(settings);
    return new Site(Optional.of(broker), broker.clientProperties(), settings);
  }

  /**
   * For a command: uses the broker of the process that runs on the data directory, or else runs it
   * for as long as it takes.
   */
  static Site visit(Settings settings) {
    if (settings.kafka().embedded() && EmbeddedKafka.isInUse(brokerDirectory(settings))) {
      return new Site(Optional.empty(), neighbour(settings), settings);
    }
    return own(settings);
  }

  private static Map<String, Object> cluster(Settings settings) {
    Map<String, Object> kafka = new HashMap<>(settings.kafka().client());
    kafka.put("bootstrap.servers", settings.kafka().bootstrapServers());
    return kafka;
  }

  private static Map<String, Object> neighbour(Settings settings) {
    try {
      return EmbeddedKafka.clientProperties(brokerDirectory(settings))
          .orElseThrow(
              () ->
                  new CommandFailure(
                      settings.data()
                          + " is in use by a process that is still starting: try again"));
    } catch (IOException e) {
      throw new CommandFailure(
          "cannot read how to reach the process that runs on "
              + settings.data()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static EmbeddedKafka startBroker(Settings settings) {
    try {
      return EmbeddedKafka.start(brokerDirectory(settings), 0);
    } catch (BrokerException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private static Path brokerDirectory(Settings settings) {
    return settings.data().resolve("kafka");
  }

  private static void makeDataDirectory(Path data) {
    try {
      Files.createDirectories(
          data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new CommandFailure("cannot make the data directory " + data + ": " + e, e);
    }
  }

  private static Topics topics(Settings settings) {
    Settings.Kafka kafka = settings.kafka();
    Topics usual = kafka.embedded() ? Topics.embedded() : Topics.cluster();
    int partitions = kafka.partitions() > 0 ? kafka.partitions() : usual.partitions();
    int replication = kafka.replication() > 0 ? kafka.replication() : usual.replication();
    return new Topics(
        usual.prefix(), partitions, replication, Math.max(1, Math.min(2, replication - 1)));
  }

  private static ObjectStore store(Settings settings) {
    Settings.S3 s3 = settings.s3();
    try {
      if (s3.directory()) {
        return new DirectoryStore(settings.data().resolve("objects"));
      }
      return new S3Store(
          new S3Settings(
              URI.create(s3.endpoint()),
              s3.region(),
              s3.bucket(),
              s3.accessKey(),
              s3.secretKey(),
              true));
    } catch (StoreException e) {
      throw new CommandFailure("the object store cannot be used: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("s3: " + e.getMessage(), e);
    }
  }

  private void checkTopics() {
    try (Admin admin = Admin.create(kafka)) {
      List<String> complaints = new TopicCheck(admin).ensure(topics);
      complaints.forEach(log::warn);
      if (broker.filter(EmbeddedKafka::startedAfterCrash).isPresent()) {
        new CrashRecovery(admin, topics).run();
      }
    }
  }

  /** Settings of a Kafka client, password included. */
  Map<String, Object> kafka() {
    return kafka;
  }

  Topics topics() {
    return topics;
  }

  ObjectStore store() {
    return store;
  }

  /** A view of the mailboxes; closed with this. */
  KafkaDirectory directory() {
    return closing.add(new KafkaDirectory(kafka, topics));
  }

  /** What makes and changes mailboxes. */
  Mailboxes mailboxes(KafkaDirectory directory, SecureRandom random) {
    int logN = WorkFactor.calibrate(System::nanoTime, random);
    return new Mailboxes(
        kafka, topics, directory, store, Optional.empty(), logN, InstantSource.system(), random);
  }

  @Override
  public void close() {
    closing.close();
  }
}
