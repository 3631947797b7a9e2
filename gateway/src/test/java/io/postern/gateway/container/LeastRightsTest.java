package io.postern.gateway.container;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.gateway.client.PinnedTrust;
import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import io.postern.pipeline.Topics;
import io.postern.testkit.S3ForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A Kafka where everybody has a name and a password and may do what docs/operations.md says, and
 * nothing else: mail must go all the way.
 */
@Tag("container")
@Timeout(600)
class LeastRightsTest {
  private static final String MAILBOX = "archive@example.org";
  private static final String PASSWORD = "a password for the archive";
  private static final Topics TOPICS = Topics.cluster();

  /** All but what only proxies need. */
  private static final List<String> MAIL =
      List.of(TOPICS.raw(), TOPICS.sealed(), TOPICS.mailboxes(), TOPICS.ledger(), TOPICS.dead());

  private static final List<String> USERS =
      List.of(
          "admin",
          "setup",
          "ingest",
          "crypto-worker",
          "store-worker",
          "pop3-frontend",
          "mailbox",
          "inspector",
          "operator");

  @TempDir private Path folder;
  private String messageId;

  @Test
  void mailGoesAllTheWayWithTheRightsOfTheManual() throws Exception {
    Compose.requireEngine();
    try (KafkaContainer kafka = kafka();
        S3ForTests s3 = S3ForTests.start(Files.createDirectory(folder.resolve("objects")))) {
      kafka.start();
      String brokers = kafka.getBootstrapServers();
      try (Admin admin = Admin.create(client(brokers, "admin"))) {
        admin.createAcls(rights()).all().get();
        Map<String, String> settings = settings(brokers, s3);
        assertThat(run("setup", "", settings, "setup")).isZero();
        mail(settings, admin);
        commands(settings, admin);
      }
      assertThatThrownBy(() -> readRaw(brokers))
          .as("ingest reads what it has taken")
          .isInstanceOf(TopicAuthorizationException.class);
    }
  }

  /** The container's way to its own broker stays open; ours needs a password. */
  private static KafkaContainer kafka() {
    StringBuilder jaas =
        new StringBuilder("org.apache.kafka.common.security.plain.PlainLoginModule required");
    USERS.forEach(user -> jaas.append(" user_%s=\"%s\"".formatted(user, secret(user))));
    return new KafkaContainer(
            DockerImageName.parse(System.getProperty("test.kafka.image", "apache/kafka:4.3.1"))
                .asCompatibleSubstituteFor("apache/kafka"))
        .withEnv(
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
            "PLAINTEXT:SASL_PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT")
        .withEnv("KAFKA_LISTENER_NAME_PLAINTEXT_SASL_ENABLED_MECHANISMS", "PLAIN")
        .withEnv("KAFKA_LISTENER_NAME_PLAINTEXT_PLAIN_SASL_JAAS_CONFIG", jaas + ";")
        .withEnv(
            "KAFKA_AUTHORIZER_CLASS_NAME",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .withEnv("KAFKA_SUPER_USERS", "User:admin;User:ANONYMOUS")
        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
        // Others may be starting on the same machine.
        .withStartupTimeout(Duration.ofMinutes(3));
  }

  private static String secret(String user) {
    return "secret-of-" + user;
  }

  private static Map<String, Object> client(String brokers, String user) {
    Map<String, Object> client = new HashMap<>();
    client.put("bootstrap.servers", brokers);
    client.put("security.protocol", "SASL_PLAINTEXT");
    client.put("sasl.mechanism", "PLAIN");
    client.put("sasl.jaas.config", jaas(user));
    return client;
  }

  private static String jaas(String user) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required"
        + " username=\"%s\" password=\"%s\";".formatted(user, secret(user));
  }

  /** The table of docs/operations.md. */
  private static List<AclBinding> rights() {
    List<AclBinding> rights = new ArrayList<>();
    for (String topic : TOPICS.all()) {
      allow(rights, "setup", TOPIC, topic, CREATE, DESCRIBE, DESCRIBE_CONFIGS);
      allow(rights, "mailbox", TOPIC, topic, DESCRIBE);
    }
    allow(rights, "ingest", TOPIC, TOPICS.raw(), WRITE);
    allow(rights, "ingest", TOPIC, TOPICS.ledger(), WRITE);
    allow(rights, "ingest", TOPIC, TOPICS.mailboxes(), READ);

    allow(rights, "crypto-worker", TOPIC, TOPICS.raw(), READ, DELETE);
    allow(rights, "crypto-worker", TOPIC, TOPICS.sealed(), WRITE);
    allow(rights, "crypto-worker", TOPIC, TOPICS.dead(), WRITE);
    allow(rights, "crypto-worker", TOPIC, TOPICS.ledger(), READ, WRITE);
    allow(rights, "crypto-worker", TOPIC, TOPICS.mailboxes(), READ);
    allow(rights, "crypto-worker", GROUP, TOPICS.cryptoGroup(), READ);
    allow(rights, "crypto-worker", GROUP, TOPICS.storeGroup(), DESCRIBE);

    allow(rights, "store-worker", TOPIC, TOPICS.sealed(), READ);
    allow(rights, "store-worker", TOPIC, TOPICS.ledger(), READ, WRITE);
    allow(rights, "store-worker", TOPIC, TOPICS.dead(), WRITE);
    allow(rights, "store-worker", GROUP, TOPICS.storeGroup(), READ);

    allow(rights, "pop3-frontend", TOPIC, TOPICS.mailboxes(), READ);
    allow(rights, "pop3-frontend", TOPIC, TOPICS.ledger(), WRITE);

    allow(rights, "mailbox", TOPIC, TOPICS.mailboxes(), READ, WRITE);
    allow(rights, "mailbox", TRANSACTIONAL_ID, TOPICS.mailboxes(), WRITE);

    for (String user : List.of("inspector", "operator")) {
      for (String topic : TOPICS.all()) {
        allow(rights, user, TOPIC, topic, DESCRIBE, DESCRIBE_CONFIGS);
      }
      for (String topic : MAIL) {
        allow(rights, user, TOPIC, topic, READ);
      }
      allow(rights, user, GROUP, TOPICS.cryptoGroup(), DESCRIBE);
      allow(rights, user, GROUP, TOPICS.storeGroup(), DESCRIBE);
    }
    for (String topic : MAIL) {
      allow(rights, "operator", TOPIC, topic, WRITE);
    }
    allow(rights, "operator", TRANSACTIONAL_ID, TOPICS.mailboxes(), WRITE);
    return rights;
  }

  private static void allow(
      List<AclBinding> rights,
      String user,
      ResourceType type,
      String name,
      AclOperation... operations) {
    for (AclOperation operation : operations) {
      rights.add(
          new AclBinding(
              new ResourcePattern(type, name, PatternType.LITERAL),
              new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW)));
    }
  }

  private Map<String, String> settings(String brokers, S3ForTests s3) {
    Map<String, String> settings = new HashMap<>();
    settings.put("POSTERN_KAFKA_BOOTSTRAP_SERVERS", brokers);
    settings.put("POSTERN_KAFKA_REPLICATION", "1");
    settings.put("POSTERN_KAFKA_PARTITIONS", "2");
    settings.put("POSTERN_S3_ENDPOINT", s3.endpoint().toString());
    settings.put("POSTERN_S3_REGION", s3.region());
    settings.put("POSTERN_S3_ACCESS_KEY", s3.accessKey());
    settings.put("POSTERN_S3_SECRET_KEY", s3.secretKey());
    settings.put("POSTERN_TLS_CERTIFICATE", folder.resolve("certificate.pem").toString());
    settings.put("POSTERN_TLS_KEY", folder.resolve("key.pem").toString());
    settings.put("POSTERN_TRANSIT_IDENTITY_FILE", folder.resolve("identity.txt").toString());
    settings.put("POSTERN_TRANSIT_RECIPIENT_FILE", folder.resolve("recipient.txt").toString());
    settings.put("POSTERN_HOSTNAME", "localhost");
    settings.put("POSTERN_BIND", "127.0.0.1");
    for (String port :
        List.of("SMTP_STARTTLS", "SMTP_TLS", "POP3_STARTTLS", "POP3_TLS", "HEALTH")) {
      settings.put("POSTERN_" + port + "_PORT", "0");
    }
    return settings;
  }

  /** A user's password is in a file that only its service names. */
  private Map<String, String> as(String user, Map<String, String> settings) throws IOException {
    Path file = folder.resolve(user + ".properties");
    Files.writeString(
        file,
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config="
            + jaas(user)
            + "\n");
    Map<String, String> own = new HashMap<>(settings);
    own.put("POSTERN_KAFKA_CLIENT_FILE", file.toString());
    return own;
  }

  private int run(String user, String input, Map<String, String> settings, String... command)
      throws Exception {
    return ServiceProcess.run(List.of(command), input, as(user, settings), log(user));
  }

  private ServiceProcess start(String service, Map<String, String> settings) throws IOException {
    return ServiceProcess.start(service, as(service, settings), log(service));
  }

  private Path log(String name) {
    return folder.resolve(name + ".log");
  }

  private void mail(Map<String, String> settings, Admin admin) throws Exception {
    Map<String, ServiceProcess> services = new HashMap<>();
    try {
      for (String service : List.of("store-worker", "crypto-worker", "pop3-frontend", "ingest")) {
        services.put(service, start(service, settings));
      }
      assertThat(
              run("mailbox", PASSWORD, settings, "mailbox", "create", MAILBOX, "--password-stdin"))
          .isZero();
      SSLContext trust = PinnedTrust.in(folder.resolve("certificate.pem"));
      Mail mail = Mail.of(1, 5);
      int smtp = services.get("ingest").port("SMTP STARTTLS");
      int pop3 = services.get("pop3-frontend").port("POP3 TLS");
      // The services learn of the mailbox within moments.
      Awaitility.await()
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> sent(smtp, trust, mail));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> fetched(pop3, trust).equals(Optional.of(mail.digest())));
      awaitTruncation(admin);
    } catch (IOException | RuntimeException | AssertionError e) {
      sayWhatWasLogged();
      throw e;
    } finally {
      services.values().forEach(ServiceProcess::close);
    }
  }

  /** Looks at everything with the rights to read, mends with those to write. */
  private void commands(Map<String, String> settings, Admin admin) throws Exception {
    expect(0, "inspector", settings, "audit", "--deep");
    expect(0, "inspector", settings, "trace", messageId);
    expect(0, "inspector", settings, "dead", "list");
    expect(0, "inspector", settings, "mailbox", "list");
    Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
    String out = folder.resolve("out").toString();
    expect(
        0,
        "inspector",
        settings,
        "export",
        MAILBOX,
        "--to",
        "mbox",
        out,
        "--password-file",
        password.toString());
    expect(0, "inspector", settings, "replay", "sealed", "--dry-run");
    expect(0, "inspector", settings, "replay", "raw", "--dry-run");
    expect(0, "inspector", settings, "recover", "directory", "--dry-run");
    expect(0, "operator", settings, "replay", "sealed");
    expect(0, "operator", settings, "replay", "raw");
    expect(0, "inspector", settings, "doctor");

    // The mailboxes are lost, as with Kafka; the object store has them.
    admin.deleteTopics(List.of(TOPICS.mailboxes())).all().get();
    expect(0, "setup", settings, "setup");
    expect(1, "inspector", settings, "recover", "directory");
    expect(0, "operator", settings, "recover", "directory");
    expect(0, "inspector", settings, "mailbox", "show", MAILBOX);

    try (Producer<byte[], byte[]> stranger =
        new KafkaProducer<>(
            client(settings.get("POSTERN_KAFKA_BOOTSTRAP_SERVERS"), "admin"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      stranger.send(new ProducerRecord<>(TOPICS.raw(), new byte[1], new byte[1])).get();
    }
    ServiceProcess worker = start("crypto-worker", settings);
    try {
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> run("operator", "", settings, "dead", "replay", "0") == 0);
      // It was no better the second time.
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> run("operator", "", settings, "dead", "discard", "--all") == 0);
    } finally {
      worker.close();
    }
  }

  private void expect(int code, String user, Map<String, String> settings, String... command)
      throws Exception {
    int actual = run(user, "", settings, command);
    if (actual != code) {
      sayWhatWasLogged();
    }
    assertThat(actual).as(user + ": " + String.join(" ", command)).isEqualTo(code);
  }

  private void sayWhatWasLogged() throws IOException {
    for (String user : USERS) {
      if (Files.exists(log(user))) {
        System.err.println(user + ": " + Files.readString(log(user)));
      }
    }
  }

  private boolean sent(int port, SSLContext trust, Mail mail) throws IOException {
    try (SmtpSender sender = new SmtpSender(port, trust)) {
      String reply = sender.send("source@example.net", MAILBOX, mail.octets());
      messageId = reply.substring(reply.lastIndexOf(' ') + 1);
      return reply.startsWith("250");
    }
  }

  private static Optional<Mail.Digest> fetched(int port, SSLContext trust) throws IOException {
    try (Pop3Reader reader = new Pop3Reader(port, trust)) {
      boolean there = reader.login(MAILBOX, PASSWORD) && reader.count() == 1;
      return there ? Optional.of(Mail.stored(reader.retrieve(1)).digest()) : Optional.empty();
    }
  }

  /** The crypto-worker may truncate what is stored. */
  private static void awaitTruncation(Admin admin) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> offset(admin, OffsetSpec.earliest()) == offset(admin, OffsetSpec.latest()));
  }

  private static long offset(Admin admin, OffsetSpec edge) throws Exception {
    Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
    for (int partition = 0; partition < 2; partition++) {
      partitions.put(new TopicPartition(TOPICS.raw(), partition), edge);
    }
    return admin.listOffsets(partitions).all().get().values().stream()
        .mapToLong(info -> info.offset())
        .sum();
  }

  private static void readRaw(String brokers) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            client(brokers, "ingest"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(TOPICS.raw(), 0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      consumer.poll(Duration.ofSeconds(20));
    }
  }
}
