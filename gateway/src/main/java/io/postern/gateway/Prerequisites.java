package io.postern.gateway;

import io.postern.age.Identity;
import io.postern.gateway.Waiting.NotYetException;
import io.postern.gateway.config.Settings;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.GroupProtocol;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.pipeline.TransitKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a service that runs alone needs of others: each method waits for it. What waiting cannot
 * mend is a {@link CommandFailure}. Blocking.
 */
final class Prerequisites {
  private static final Logger log = LoggerFactory.getLogger(Prerequisites.class);

  /** One look at Kafka; the next one is the waiting's. */
  private static final int KAFKA_TIMEOUT_MS = 15_000;

  private final Settings settings;
  private final Waiting waiting;

  Prerequisites(Settings settings, Waiting waiting) {
    this.settings = settings;
    this.waiting = waiting;
  }

  /**
   * Kafka with the topics; wrong settings of theirs are told, not changed.
   *
   * @param used the topics that the service uses
   */
  Site site(Function<Topics, List<String>> used) {
    requireCluster();
    Topics topics = Site.topics(settings);
    return waiting.until(() -> look(topics, used.apply(topics)));
  }

  private void requireCluster() {
    if (settings.kafka().embedded()) {
      throw new CommandFailure(
          "kafka.bootstrap-servers: what runs alone needs a cluster; only 'postern run' brings its own");
    }
    await(settings.kafka().clientFile(), "kafka.client-file");
  }

  private Admin admin() {
    return Admin.create(impatient(KafkaClients.of(settings.kafka())));
  }

  private NotYetException kafka(RuntimeException e) {
    return new NotYetException(
        "Kafka at " + settings.kafka().bootstrapServers() + ": " + reason(e));
  }

  /** Makes the topics that are missing; wrong settings of others are told, not changed. */
  void makeTopics() {
    requireCluster();
    waiting.until(
        () -> {
          try (Admin admin = admin()) {
            new TopicCheck(admin).ensure(Site.topics(settings)).forEach(log::warn);
            return true;
          } catch (PipelineException | KafkaException e) {
            throw kafka(e);
          }
        });
  }

  private Site look(Topics topics, List<String> names) throws NotYetException {
    try (Admin admin = admin()) {
      TopicCheck.Findings findings = new TopicCheck(admin).look(topics, names);
      if (!findings.missing().isEmpty()) {
        throw new NotYetException(
            "Kafka has no topic "
                + String.join(", ", findings.missing())
                + ": 'postern setup' makes them");
      }
      findings.complaints().forEach(log::warn);
      return Site.member(settings, GroupProtocol.of(admin));
    } catch (PipelineException | KafkaException e) {
      throw kafka(e);
    }
  }

  /** Kafka hides what is wrong with an address behind one cause at least. */
  static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof PipelineException)) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  /** So that a cluster that is away shows within seconds. */
  static Map<String, Object> impatient(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("default.api.timeout.ms", KAFKA_TIMEOUT_MS);
    settings.put("request.timeout.ms", KAFKA_TIMEOUT_MS);
    return settings;
  }

  /** The object store; the caller closes it. */
  ObjectStore store() {
    return store(false);
  }

  /** Makes the bucket where there is none. */
  void makeBucket() {
    store(true).close();
  }

  private ObjectStore store(boolean make) {
    await(settings.s3().accessKeyFile(), "s3.access-key-file");
    await(settings.s3().secretKeyFile(), "s3.secret-key-file");
    await(settings.s3().caFile(), "s3.ca-file");
    return waiting.until(
        () -> {
          try {
            return Stores.open(settings, make);
          } catch (StoreException e) {
            throw new NotYetException(
                "the object store at " + settings.s3().endpoint() + ": " + e.getMessage());
          }
        });
  }

  /** Whom ingest seals to. */
  TransitKey transitRecipient() {
    await(settings.transit().recipientFile(), "transit.recipient-file");
    return TransitKeyFile.recipientOf(settings.transit());
  }

  /** What crypto-workers open with. */
  List<Identity> transitIdentities() {
    await(settings.transit().identityFile(), "transit.identity-file");
    return TransitKeyFile.identitiesOf(settings.transit());
  }

  /** The files of the certificate, where the settings name any. */
  void certificate() {
    await(settings.tls().certificate(), "tls.certificate");
    await(settings.tls().key(), "tls.key");
  }

  private void await(Path file, String key) {
    if (file == null) {
      return;
    }
    waiting.until(
        () -> {
          if (Files.notExists(file)) {
            throw new NotYetException(key + ": there is no " + file + " yet");
          }
          return file;
        });
  }
}
