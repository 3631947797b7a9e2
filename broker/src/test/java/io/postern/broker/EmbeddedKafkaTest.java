package io.postern.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
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

  private static void produce(Map<String, Object> client) throws Exception {
    try (var producer =
        new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>("kept", "key", "value")).get(30, SECONDS);
    }
  }
}
