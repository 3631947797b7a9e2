package io.postern.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.partition.PartitionListener;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import scala.Option;

/**
 * Apache Kafka itself, one KRaft node in this process: broker and controller on 127.0.0.1, behind a
 * password that only the owner of the data directory can read.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final int FRESH_PARTITION_ATTEMPTS = 3000;
  private static final long FRESH_PARTITION_PAUSE_NANOS = 10_000_000;

  private final BrokerNode server;
  private final ClientFile client;
  private final FileChannel lock;
  private final boolean afterCrash;
  private final Map<TopicPartition, FlushedPartition> flushed = new ConcurrentHashMap<>();

  private EmbeddedKafka(
      BrokerNode server, ClientFile client, FileChannel lock, boolean afterCrash) {
    this.server = server;
    this.client = client;
    this.lock = lock;
    this.afterCrash = afterCrash;
  }

  /** As the other, with nothing to do meanwhile. */
  public static EmbeddedKafka start(Path directory, int port) {
    return start(directory, port, () -> {});
  }

  /**
   * Starts the node and returns once it serves: some seconds, some more after a crash.
   *
   * @param directory where it keeps everything; made where it is missing
   * @param port what to listen on, or 0 for the port of the last time, or else any free one
   * @param claimed called first of all, once the directory is this process's alone
   * @throws BrokerException in one line: the directory or the port is in use, or Kafka's own reason
   */
  public static EmbeddedKafka start(Path directory, int port, Runnable claimed) {
    FileChannel lock = lock(directory);
    try {
      claimed.run();
      ClientFile client = client(directory, port);
      Path logs = directory.resolve("log");
      boolean formatted = Files.exists(logs.resolve("meta.properties"));
      boolean afterCrash = formatted && !Files.exists(logs.resolve(".kafka_cleanshutdown"));
      if (!formatted) {
        format(logs);
      }
      var config = KafkaConfig.fromProps(BrokerSettings.of(logs, client, freePort()), false);
      BrokerNode server = new BrokerNode(config);
      server.start();
      client.write(directory);
      return new EmbeddedKafka(server, client, lock, afterCrash);
    } catch (BrokerException e) {
      release(lock);
      throw e;
    } catch (Exception e) {
      release(lock);
      throw new BrokerException("Kafka does not start: " + e.getMessage(), e);
    }
  }

  /** How clients of the broker of a data directory connect, where one has ever run there. */
  public static Optional<Map<String, Object>> clientProperties(Path directory) throws IOException {
    return ClientFile.read(directory).map(ClientFile::toMap);
  }

  /** Whether a broker runs on a data directory, in this process or another. */
  public static boolean isInUse(Path directory) {
    if (!Files.exists(directory.resolve("lock"))) {
      return false;
    }
    try (FileChannel channel =
            FileChannel.open(directory.resolve("lock"), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      throw new BrokerException("cannot use " + directory + ": " + e, e);
    }
  }

  /** A client's connection settings, password included: not for logs. */
  public Map<String, Object> clientProperties() {
    return client.toMap();
  }

  /** A writer, for one thread, that needs none of the broker's sockets. */
  public LogWriter writer() {
    return writer(this::readableEnd);
  }

  LogWriter writer(ToLongFunction<UnifiedLog> safeEnd) {
    return new LogWriter(server.replicas(), Compression.NONE, safeEnd);
  }

  /** The same for records that become smaller: text, not what is sealed. */
  public LogWriter compressingWriter() {
    return new LogWriter(server.replicas(), Compression.lz4().build(), this::readableEnd);
  }

  /** A reader, for one thread, that needs none of the broker's sockets. */
  public LogReader reader() {
    return new LogReader(server.replicas(), this::readableEnd);
  }

  /**
   * How many partitions a topic has.
   *
   * @throws UnknownTopicOrPartitionException where there is no such topic
   */
  public int partitions(String topic) {
    return server
        .metadata()
        .numPartitions(topic)
        .orElseThrow(() -> new UnknownTopicOrPartitionException("no topic " + topic));
  }

  /** Where the next record of a partition will lie that a reader may read. */
  public long end(TopicPartition partition) {
    return readableEnd(server.replicas().localLogOrException(partition));
  }

  private long readableEnd(UnifiedLog log) {
    FlushedPartition partition = flushed.get(log.topicPartition());
    return partition == null ? log.highWatermark() : partition.end();
  }

  /**
   * Has all records of a topic on the disk before those who append them are answered, whoever they
   * are, and before readers of this process see them; for as long as this runs. It takes the place
   * of {@code flush.messages=1} and is quicker.
   *
   * @throws BrokerException where its partitions do not appear
   */
  public void flushAlways(String topic) {
    for (int number = 0; number < partitions(topic); number++) {
      TopicPartition partition = new TopicPartition(topic, number);
      FlushedPartition kept = new FlushedPartition(awaitLog(partition), server.logFailures());
      flushed.put(partition, kept);
      if (!server.replicas().maybeAddListener(partition, kept)) {
        throw new BrokerException("Kafka has let go of " + partition, null);
      }
      kept.begin();
    }
  }

  /** The broker hears of a topic a moment before it has made its partitions. */
  private UnifiedLog awaitLog(TopicPartition partition) {
    for (int i = 0; i < FRESH_PARTITION_ATTEMPTS; i++) {
      Option<UnifiedLog> log = server.replicas().localLog(partition);
      if (log.isDefined()) {
        return log.get();
      }
      LockSupport.parkNanos(FRESH_PARTITION_PAUSE_NANOS);
    }
    throw new BrokerException("Kafka does not make " + partition, null);
  }

  /**
   * Has somebody told, on the thread that writes, whenever a partition has grown.
   *
   * @return ends that
   */
  public Runnable watch(TopicPartition partition, Runnable grown) {
    PartitionListener listener =
        new PartitionListener() {
          @Override
          public void onHighWatermarkUpdated(TopicPartition grew, long offset) {
            grown.run();
          }
        };
    server.replicas().maybeAddListener(partition, listener);
    return () -> server.replicas().removeListener(partition, listener);
  }

  public int port() {
    return client.port();
  }

  /**
   * Whether the last process on this data directory ended without {@link #close}: what it had not
   * flushed may be gone.
   */
  public boolean startedAfterCrash() {
    return afterCrash;
  }

  /** Stops cleanly: everything is flushed. */
  @Override
  public void close() {
    server.close();
    release(lock);
  }

  private static void format(Path logs) throws Exception {
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setDirectories(List.of(logs.toString()))
        .setMetadataLogDirectory(logs.toString())
        .setControllerListenerName("CONTROLLER")
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .run();
  }

  private static ClientFile client(Path directory, int port) throws IOException {
    Optional<ClientFile> last = ClientFile.read(directory);
    String password =
        last.map(ClientFile::password).orElseGet(() -> ClientFile.newPassword(new SecureRandom()));
    if (port != 0) {
      if (!isFree(port)) {
        throw new BrokerException("port " + port + " is in use", null);
      }
      return new ClientFile(port, password);
    }
    int chosen =
        last.map(ClientFile::port).filter(EmbeddedKafka::isFree).orElseGet(EmbeddedKafka::freePort);
    return new ClientFile(chosen, password);
  }

  private static FileChannel lock(Path directory) {
    FileChannel channel = null;
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // another broker of this process has it
    } catch (IOException e) {
      throw new BrokerException("cannot use " + directory + ": " + e, e);
    }
    release(channel);
    throw new BrokerException("data directory " + directory + " is in use", null);
  }

  private static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new BrokerException("cannot release the data directory: " + e.getMessage(), e);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new BrokerException("no port is free", e);
    }
  }
}
