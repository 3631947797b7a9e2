package io.postern.gateway;

import io.postern.age.AgeException;
import io.postern.age.Keys;
import io.postern.age.Recipient;
import io.postern.broker.BrokerException;
import io.postern.broker.EmbeddedKafka;
import io.postern.gateway.config.Settings;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailboxes;
import io.postern.mailbox.WorkFactor;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CrashRecovery;
import io.postern.pipeline.GroupProtocol;
import io.postern.pipeline.Kafka;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka and the object store that the settings name: what everything else is built upon. Without a
 * cluster's address that is the embedded broker on {@code data/kafka}, without an endpoint the
 * directory {@code data/objects}. The store is opened when it is first asked for: not every service
 * has the rights to it.
 */
public final class Site implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Site.class);

  /** How long a command waits for a cluster. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Settings settings;
  private final Closing closing = new Closing();
  private final Kafka kafka;
  private final Topics topics;
  private final String groupProtocol;
  private ObjectStore store;

  private Site(Settings settings, Kafka kafka, String groupProtocol) {
    this.settings = settings;
    this.kafka = kafka;
    this.topics = topics(settings);
    this.groupProtocol = groupProtocol;
  }

  /**
   * For the process that is to run the broker, if one is embedded; makes topics that are missing.
   */
  static Site own(Settings settings) {
    return own(settings, () -> {});
  }

  /**
   * @param claimed called as soon as the data directory may be written to, while Kafka is not there
   *     yet
   */
  static Site own(Settings settings, Runnable claimed) {
    makeDataDirectory(settings.data());
    if (!settings.kafka().embedded()) {
      claimed.run();
      return withTopics(settings, KafkaClients.of(settings.kafka()), Optional.empty());
    }
    EmbeddedKafka broker = startBroker(settings, claimed);
    return withTopics(settings, broker.clientProperties(), Optional.of(broker));
  }

  private static Site withTopics(
      Settings settings, Map<String, Object> kafka, Optional<EmbeddedKafka> broker) {
    Closing broken = new Closing();
    broker.ifPresent(broken::add);
    try (Admin admin = Admin.create(kafka)) {
      Topics topics = topics(settings);
      new TopicCheck(admin).ensure(topics).forEach(log::warn);
      broker.ifPresent(own -> own.flushAlways(topics.raw()));
      if (broker.filter(EmbeddedKafka::startedAfterCrash).isPresent()) {
        new CrashRecovery(admin, topics).run();
      }
      // After a crash members are removed by name, which the newer protocol's are not.
      Site site =
          new Site(
              settings,
              new Kafka(kafka, broker.map(EmbeddedLogs::new)),
              broker.isPresent() ? GroupProtocol.CLASSIC : GroupProtocol.of(admin));
      broker.ifPresent(site.closing::add);
      return site;
    } catch (RuntimeException e) {
      broken.close();
      throw e;
    }
  }

  /**
   * For a command: uses the broker of the process that runs on the data directory, or else runs it
   * for as long as it takes; or the cluster, as it is.
   */
  public static Site visit(Settings settings) {
    if (!settings.kafka().embedded()) {
      // A stack that has just been started needs some seconds.
      return new Prerequisites(settings, new Waiting(PATIENCE, PATIENCE)).site(Topics::all);
    }
    return EmbeddedKafka.isInUse(brokerDirectory(settings))
        ? withTopics(settings, neighbour(settings), Optional.empty())
        : own(settings);
  }

  /** How to reach Kafka as it is: the cluster, or the embedded broker where it runs already. */
  static Optional<Map<String, Object>> running(Settings settings) {
    if (!settings.kafka().embedded()) {
      return Optional.of(KafkaClients.of(settings.kafka()));
    }
    return EmbeddedKafka.isInUse(brokerDirectory(settings))
        ? Optional.of(neighbour(settings))
        : Optional.empty();
  }

  /** For a service that runs alone on a cluster whose topics are there. */
  static Site member(Settings settings, String groupProtocol) {
    return new Site(settings, Kafka.of(KafkaClients.of(settings.kafka())), groupProtocol);
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

  private static EmbeddedKafka startBroker(Settings settings, Runnable claimed) {
    try {
      return EmbeddedKafka.start(brokerDirectory(settings), 0, claimed);
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

  /** The topics as the settings want them. */
  static Topics topics(Settings settings) {
    Settings.Kafka kafka = settings.kafka();
    Topics usual = kafka.embedded() ? Topics.embedded() : Topics.cluster();
    int partitions = kafka.partitions() > 0 ? kafka.partitions() : usual.partitions();
    int replication = kafka.replication() > 0 ? kafka.replication() : usual.replication();
    return new Topics(
        usual.prefix(),
        partitions,
        replication,
        Math.max(1, Math.min(2, replication - 1)),
        usual.ownBroker());
  }

  /** How to reach Kafka. */
  public Kafka kafka() {
    return kafka;
  }

  public Topics topics() {
    return topics;
  }

  /** Kafka's {@code group.protocol} for workers here. */
  String groupProtocol() {
    return groupProtocol;
  }

  /**
   * The object store; closed with this.
   *
   * @throws CommandFailure in one line why it cannot be used
   */
  public ObjectStore store() {
    if (store == null) {
      try {
        store = closing.add(Stores.open(settings, true));
      } catch (StoreException e) {
        throw new CommandFailure("the object store cannot be used: " + e.getMessage(), e);
      }
    }
    return store;
  }

  /** A view of the mailboxes; closed with this. */
  public KafkaDirectory directory() {
    return closing.add(new KafkaDirectory(kafka.clients(), topics));
  }

  /** What makes and changes mailboxes. */
  public Mailboxes mailboxes(KafkaDirectory directory, SecureRandom random) {
    int logN = WorkFactor.calibrate(System::nanoTime, random);
    return new Mailboxes(
        kafka.clients(),
        topics,
        directory,
        store(),
        recovery(),
        logN,
        InstantSource.system(),
        random);
  }

  private Optional<Recipient> recovery() {
    String recipient = settings.recovery().recipient();
    try {
      return recipient.isEmpty() ? Optional.empty() : Optional.of(Keys.recipient(recipient));
    } catch (AgeException e) {
      throw new CommandFailure("recovery.recipient: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    closing.close();
  }
}
