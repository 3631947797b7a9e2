package io.postern.gateway.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.postern.protocol.smtp.SmtpSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Everything that can be set, with its default. A key is the path of component names in kebab case,
 * for example {@code smtp.starttls-port}; {@link SettingsReader} reads them from {@code
 * postern.yaml} and the environment.
 *
 * @param hostname the name in greetings, {@code Received} fields and the self-signed certificate;
 *     empty: the machine's
 * @param data where {@code run} keeps its broker, its objects and its keys
 * @param bind the address that the ports listen on
 * @param traceHeaders whether stored copies get {@code Return-Path}, {@code Received} and {@code
 *     X-Envelope-*} fields
 */
public record Settings(
    String hostname,
    Path data,
    String bind,
    Switch traceHeaders,
    Smtp smtp,
    Pop3 pop3,
    Unlock unlock,
    Kafka kafka,
    S3 s3,
    Tls tls,
    Transit transit,
    Recovery recovery,
    Workers workers,
    Console console,
    Health health,
    ProxySettings proxy) {

  public Settings {
    hostname = Objects.requireNonNullElse(hostname, "");
    data = Objects.requireNonNullElse(data, Path.of("data"));
    bind = Objects.requireNonNullElse(bind, "127.0.0.1");
    traceHeaders = Objects.requireNonNullElse(traceHeaders, Switch.ON);
    smtp =
        Objects.requireNonNullElseGet(
            smtp, () -> new Smtp(null, null, null, null, null, null, null, null, null, null));
    pop3 = Objects.requireNonNullElseGet(pop3, () -> new Pop3(null, null, null, null, null, null));
    unlock = Objects.requireNonNullElseGet(unlock, () -> new Unlock(null));
    kafka =
        Objects.requireNonNullElseGet(
            kafka, () -> new Kafka(null, null, null, null, null, null, null));
    s3 =
        Objects.requireNonNullElseGet(
            s3, () -> new S3(null, null, null, null, null, null, null, null, null));
    tls = Objects.requireNonNullElseGet(tls, () -> new Tls(null, null));
    transit = Objects.requireNonNullElseGet(transit, () -> new Transit(null, null, null));
    recovery = Objects.requireNonNullElseGet(recovery, () -> new Recovery(null));
    workers = Objects.requireNonNullElseGet(workers, () -> new Workers(null, null, null));
    console = Objects.requireNonNullElseGet(console, () -> new Console(null));
    health = Objects.requireNonNullElseGet(health, () -> new Health(null));
    proxy = Objects.requireNonNullElseGet(proxy, () -> new ProxySettings(null));
  }

  /**
   * A yes or no that people write as on and off; YAML's {@code true} and {@code false} are taken
   * too.
   */
  public enum Switch {
    ON,
    OFF;

    @JsonCreator
    static Switch of(String text) {
      return switch (text) {
        case "on", "true", "yes" -> ON;
        case "off", "false", "no" -> OFF;
        default -> throw new IllegalArgumentException("neither on nor off");
      };
    }

    public boolean on() {
      return this == ON;
    }
  }

  /**
   * SMTP in. A port of 0 is any free one, -1 none.
   *
   * @param maxMessageSizeBytes announced as SIZE and enforced
   * @param maxRecipients in one transaction
   * @param bareLineEndings what is done with a message that holds a lone CR or LF: {@code refuse}
   *     or {@code allow}
   * @param requireTls whether mail is refused in clear
   * @param proxyProtocolFrom addresses and networks, separated by commas, of balancers that must
   *     say in a PROXY header whom they speak for
   */
  public record Smtp(
      Integer starttlsPort,
      Integer tlsPort,
      Long maxMessageSizeBytes,
      Integer maxRecipients,
      Integer maxConnections,
      Integer maxConnectionsPerClient,
      Integer idleTimeoutS,
      BareLineEndings bareLineEndings,
      Switch requireTls,
      String proxyProtocolFrom) {
    /**
     * Memory for each sender amid a large message: a chunk, a slice and TLS take half of it, and
     * the other half is for all the rest.
     */
    private static final long SENDER_BYTES = 400 << 10;

    public Smtp {
      starttlsPort = checkPort("smtp.starttls-port", starttlsPort, 2525);
      tlsPort = checkPort("smtp.tls-port", tlsPort, 2465);
      maxMessageSizeBytes =
          atLeast("smtp.max-message-size-bytes", maxMessageSizeBytes, 250L << 20, 64L << 10);
      maxRecipients = (int) atLeast("smtp.max-recipients", maxRecipients, 100, 1);
      int fitting = (int) Math.min(2_000, Runtime.getRuntime().maxMemory() / SENDER_BYTES);
      maxConnections = (int) atLeast("smtp.max-connections", maxConnections, fitting, 1);
      maxConnectionsPerClient =
          (int) atLeast("smtp.max-connections-per-client", maxConnectionsPerClient, fitting, 1);
      idleTimeoutS = (int) atLeast("smtp.idle-timeout-s", idleTimeoutS, 300, 1);
      bareLineEndings = Objects.requireNonNullElse(bareLineEndings, BareLineEndings.REFUSE);
      requireTls = Objects.requireNonNullElse(requireTls, Switch.OFF);
      proxyProtocolFrom = Objects.requireNonNullElse(proxyProtocolFrom, "");
    }
  }

  /** What is done with a message that holds a lone CR or LF in DATA. */
  public enum BareLineEndings {
    REFUSE,
    ALLOW;

    @JsonCreator
    static BareLineEndings of(String text) {
      return switch (text) {
        case "refuse" -> REFUSE;
        case "allow" -> ALLOW;
        default -> throw new IllegalArgumentException("neither refuse nor allow");
      };
    }

    /** In the words of the SMTP session. */
    public SmtpSettings.LoneCrOrLf protocol() {
      return this == REFUSE ? SmtpSettings.LoneCrOrLf.REFUSE : SmtpSettings.LoneCrOrLf.ALLOW;
    }
  }

  /**
   * POP3 out. A port of 0 is any free one, -1 none.
   *
   * @param proxyProtocolFrom as for SMTP
   */
  public record Pop3(
      Integer starttlsPort,
      Integer tlsPort,
      Integer maxConnections,
      Integer maxConnectionsPerClient,
      Integer idleTimeoutS,
      String proxyProtocolFrom) {
    public Pop3 {
      starttlsPort = checkPort("pop3.starttls-port", starttlsPort, 2110);
      tlsPort = checkPort("pop3.tls-port", tlsPort, 2995);
      maxConnections = (int) atLeast("pop3.max-connections", maxConnections, 500, 1);
      maxConnectionsPerClient =
          (int) atLeast("pop3.max-connections-per-client", maxConnectionsPerClient, 200, 1);
      // RFC 1939, section 3: at least ten minutes.
      idleTimeoutS = (int) atLeast("pop3.idle-timeout-s", idleTimeoutS, 600, 600);
      proxyProtocolFrom = Objects.requireNonNullElse(proxyProtocolFrom, "");
    }
  }

  /**
   * Opening identities with passwords.
   *
   * @param maxWorkFactor the largest base-2 logarithm of scrypt's N that is tried; 2^N KiB of
   *     memory
   */
  public record Unlock(Integer maxWorkFactor) {
    public Unlock {
      maxWorkFactor = (int) atLeast("unlock.max-work-factor", maxWorkFactor, 20, 1);
    }
  }

  /**
   * Kafka.
   *
   * @param bootstrapServers empty under {@code run}: the embedded broker
   * @param partitions for topics that are made; 0: 4 on the embedded broker, 12 elsewhere
   * @param replication for topics that are made; 0: 1 on the embedded broker, 3 elsewhere
   * @param acknowledgeTimeoutS how long a message may wait for Kafka before its sender is told to
   *     try later; by default 8 on the embedded broker, 30 elsewhere
   * @param maxBacklogSlices slices of messages (132 KiB at most) that may wait to be stored, before
   *     senders are told to try later
   * @param clientFile a properties file of such settings, as Kafka's own tools take; for passwords
   * @param client further settings of every Kafka client, by Kafka's own names; they win over the
   *     file's
   */
  public record Kafka(
      String bootstrapServers,
      Integer partitions,
      Integer replication,
      Integer acknowledgeTimeoutS,
      Long maxBacklogSlices,
      Path clientFile,
      Map<String, String> client) {
    /**
     * A cluster needs ten seconds to notice that a broker is gone: longer, so that nothing is
     * refused that is in the log already and would be there twice when the sender tries again.
     * Senders wait ten minutes (RFC 5321, section 4.5.3.2.6).
     */
    private static final int CLUSTER_PATIENCE_S = 30;

    public Kafka {
      bootstrapServers = Objects.requireNonNullElse(bootstrapServers, "");
      partitions = (int) atLeast("kafka.partitions", partitions, 0, 0);
      replication = (int) atLeast("kafka.replication", replication, 0, 0);
      acknowledgeTimeoutS =
          (int)
              atLeast(
                  "kafka.acknowledge-timeout-s",
                  acknowledgeTimeoutS,
                  bootstrapServers.isEmpty() ? 8 : CLUSTER_PATIENCE_S,
                  1);
      maxBacklogSlices = atLeast("kafka.max-backlog-slices", maxBacklogSlices, 1_000_000, 1);
      client = client == null ? Map.of() : Map.copyOf(client);
    }

    public boolean embedded() {
      return bootstrapServers.isEmpty();
    }

    @Override
    public String toString() {
      return "Kafka[bootstrapServers="
          + bootstrapServers
          + ", partitions="
          + partitions
          + ", client="
          + client.keySet()
          + "]";
    }
  }

  /**
   * The object store; without an endpoint it is a directory below {@code data}.
   *
   * @param endpoint {@code http} or {@code https}, host and port
   * @param accessKey the user; or the first line of {@code accessKeyFile}
   * @param secretKey its secret; or the first line of {@code secretKeyFile}
   * @param pathStyle whether the bucket stands in the URL's path and not in the host's name
   * @param caFile PEM certificates that are trusted for {@code https} beside the JDK's
   */
  public record S3(
      String endpoint,
      String accessKey,
      Path accessKeyFile,
      String secretKey,
      Path secretKeyFile,
      String bucket,
      String region,
      Switch pathStyle,
      Path caFile) {
    public S3 {
      endpoint = Objects.requireNonNullElse(endpoint, "");
      accessKey = Objects.requireNonNullElse(accessKey, "");
      secretKey = Objects.requireNonNullElse(secretKey, "");
      onlyOne("s3.access-key", accessKey, accessKeyFile);
      onlyOne("s3.secret-key", secretKey, secretKeyFile);
      bucket = Objects.requireNonNullElse(bucket, "postern");
      region = Objects.requireNonNullElse(region, "us-east-1");
      pathStyle = Objects.requireNonNullElse(pathStyle, Switch.ON);
    }

    public boolean directory() {
      return endpoint.isEmpty();
    }

    @Override
    public String toString() {
      return "S3[endpoint=" + endpoint + ", bucket=" + bucket + ", region=" + region + "]";
    }
  }

  /** PEM files, read again when they change; without them {@code run} makes a self-signed pair. */
  public record Tls(Path certificate, Path key) {
    public Tls {
      if ((certificate == null) != (key == null)) {
        throw new IllegalArgumentException(
            "tls.certificate and tls.key go together: set both or none");
      }
    }
  }

  /**
   * The key that protects messages on their way.
   *
   * @param recipient what ingest seals to, {@code age1…}; empty: of the first identity in the file
   * @param recipientFile the same in a file of its own
   * @param identityFile what crypto-workers open with: an age identity file, the current key first,
   *     older ones after it
   */
  public record Transit(String recipient, Path recipientFile, Path identityFile) {
    public Transit {
      recipient = Objects.requireNonNullElse(recipient, "");
      onlyOne("transit.recipient", recipient, recipientFile);
    }
  }

  /**
   * An organisation's way into mailboxes whose passwords are lost.
   *
   * @param recipient who gets a copy of every new mailbox's identity, {@code age1…}; empty: nobody.
   *     Whoever holds its identity can read that mail: keep it off line
   */
  public record Recovery(String recipient) {
    public Recovery {
      recipient = Objects.requireNonNullElse(recipient, "");
    }
  }

  /**
   * The workers' bounds.
   *
   * @param memoryBytes what open messages may hold in each worker
   * @param storeThreads writes to the object store at once
   * @param senderTimeoutS after which a sender of whom nothing comes is taken for gone; the same
   *     for all services
   */
  public record Workers(Long memoryBytes, Integer storeThreads, Integer senderTimeoutS) {
    public Workers {
      senderTimeoutS = (int) atLeast("workers.sender-timeout-s", senderTimeoutS, 600, 4);
      memoryBytes = atLeast("workers.memory-bytes", memoryBytes, 64L << 20, 8L << 20);
      storeThreads = (int) atLeast("workers.store-threads", storeThreads, 8, 1);
    }
  }

  /** The web console's port. This release has no console: nothing listens on it. */
  public record Console(Integer port) {
    public Console {
      port = checkPort("console.port", port, 8450);
    }
  }

  /** {@code /health/live}, {@code /health/ready} and {@code /metrics}. */
  public record Health(Integer port) {
    public Health {
      port = checkPort("health.port", port, 9464);
    }
  }

  private static void onlyOne(String key, String value, Path file) {
    if (!value.isEmpty() && file != null) {
      throw new IllegalArgumentException(
          key + " and " + key + "-file say the same: set one of them");
    }
  }

  private static int checkPort(String key, Integer value, int otherwise) {
    int port = value == null ? otherwise : value;
    if (port < -1 || port > 65_535) {
      throw new IllegalArgumentException(
          key + ": " + port + " is no port: 1 to 65535, 0 for any free one, -1 for none");
    }
    return port;
  }

  private static long atLeast(String key, Number value, long otherwise, long least) {
    long number = value == null ? otherwise : value.longValue();
    if (number < least) {
      throw new IllegalArgumentException(key + ": " + number + " is too small: at least " + least);
    }
    return number;
  }
}
