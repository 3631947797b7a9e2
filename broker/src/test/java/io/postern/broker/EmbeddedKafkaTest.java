package io.postern.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
  private static final TopicPartition KEPT = new TopicPartition("kept", 0);
  private static final int RECORDS = 10;

  @TempDir Path directory;

  @Test
  void servesAndRemembersAcrossRestarts() throws Exception {
    int port;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      port = kafka.port();
      assertThat(kafka.startedAfterCrash()).isFalse();
      try (Admin admin = Admin.create(kafka.clientProperties())) {
        admin
            .createTopics(List.of(new NewTopic("kept", Optional.of(2), Optional.empty())))
            .all()
            .get(30, SECONDS);
      }
      produce(kafka.clientProperties());
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        Admin admin = Admin.create(kafka.clientProperties())) {
      assertThat(kafka.port()).isEqualTo(port);
      assertThat(kafka.startedAfterCrash()).isFalse();
      assertThat(admin.listTopics().names().get(30, SECONDS)).contains("kept");
      assertThat(EmbeddedKafka.clientProperties(directory)).contains(kafka.clientProperties());
    }
  }

  @Test
  void keepsStrangersOut() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve(ClientFile.NAME))))
          .isEqualTo("rw-------");
      Map<String, Object> stranger = new ClientFile(kafka.port(), "guessed").toMap();
      try (Admin admin = Admin.create(stranger)) {
        assertThatThrownBy(() -> admin.listTopics().names().get(30, SECONDS))
            .hasMessageContaining("Authentication failed");
      }
    }
  }

  @Test
  void saysInOneLineThatTheDirectoryOrThePortIsInUse() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("a"), 0)) {
      assertThatThrownBy(() -> EmbeddedKafka.start(directory.resolve("a"), 0))
          .isInstanceOf(BrokerException.class)
          .hasMessage("data directory " + directory.resolve("a") + " is in use");
      assertThatThrownBy(() -> EmbeddedKafka.start(directory.resolve("b"), kafka.port()))
          .isInstanceOf(BrokerException.class)
          .hasMessage("port " + kafka.port() + " is in use");
    }
  }

  @Test
  void takesAnotherPortWhereTheRememberedOneIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      new ClientFile(taken.getLocalPort(), "kept").write(directory);
      try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
        assertThat(kafka.port()).isNotEqualTo(taken.getLocalPort());
        assertThat(ClientFile.read(directory)).contains(new ClientFile(kafka.port(), "kept"));
      }
    }
  }

  @Test
  void needsNoIndexesAfterACrash() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        Admin admin = Admin.create(kafka.clientProperties())) {
      NewTopic topic = new NewTopic("kept", Optional.of(1), Optional.empty());
      admin
          .createTopics(List.of(topic.configs(Map.of("segment.bytes", "1048576"))))
          .all()
          .get(30, SECONDS);
      kafka.flushAlways("kept");
      for (int i = 0; i < RECORDS; i++) {
        append(kafka.writer());
      }
    }
    leaveAsAPowerCutMay(directory.resolve("log"));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      assertThat(kafka.startedAfterCrash()).isTrue();
      kafka.flushAlways("kept");
      assertThat(kafka.end(KEPT)).isEqualTo(RECORDS);
      LogReader reader = kafka.reader();
      for (long offset = 0; offset < RECORDS; offset++) {
        List<Long> offsets = new ArrayList<>();
        reader.read(KEPT, offset, 1, record -> offsets.add(record.offset()));
        assertThat(offsets).containsExactly(offset);
      }
      append(kafka.writer());
      assertThat(kafka.end(KEPT)).isEqualTo(RECORDS + 1);
    }
  }

  private static void append(LogWriter writer) {
    assertThat(writer.append(KEPT, List.of(new ProducerRecord<>("kept", new byte[300_000]))))
        .isEqualTo(1);
  }

  /** Indexes that no flush was waited for are as long as they were, and empty. */
  private static void leaveAsAPowerCutMay(Path logs) throws IOException {
    Files.delete(logs.resolve(".kafka_cleanshutdown"));
    Files.delete(logs.resolve("recovery-point-offset-checkpoint"));
    try (Stream<Path> files = Files.list(logs.resolve(KEPT.toString()))) {
      for (Path file : files.filter(path -> path.toString().endsWith("index")).toList()) {
        Files.write(file, new byte[(int) Files.size(file)]);
      }
    }
  }

  private static void produce(Map<String, Object> client) throws Exception {
    try (var producer =
        new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>("kept", "key", "value")).get(30, SECONDS);
    }
  }
}
