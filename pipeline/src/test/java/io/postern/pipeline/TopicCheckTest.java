package io.postern.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.testkit.KafkaForTests;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicCheckTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  @Test
  void createsWhatIsMissingAndIsThenContent() throws Exception {
    Topics topics = new Topics(kafka.freshPrefix(), 4, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      TopicCheck check = new TopicCheck(admin);

      assertThat(check.ensure(topics)).isEmpty();
      assertThat(check.ensure(topics)).isEmpty();

      var descriptions =
          admin.describeTopics(List.of(topics.raw(), topics.mailboxes())).allTopicNames().get();
      assertThat(descriptions.get(topics.raw()).partitions()).hasSize(4);
      assertThat(descriptions.get(topics.mailboxes()).partitions()).hasSize(1);
      String never = Long.toString(Long.MAX_VALUE);
      assertThat(setting(admin, topics.mailboxes(), "flush.messages")).isEqualTo("1");
      assertThat(setting(admin, topics.ledger(), "flush.ms")).isEqualTo("1000");
      // The broker itself flushes one, and after a crash raw is sealed again into the other.
      for (String topic : List.of(topics.raw(), topics.sealed())) {
        assertThat(setting(admin, topic, "flush.messages")).as(topic).isEqualTo(never);
        assertThat(setting(admin, topic, "flush.ms")).as(topic).isEqualTo(never);
      }
    }
  }

  private static String setting(Admin admin, String topic, String key) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var configs = admin.describeConfigs(List.of(resource)).all().get();
    return configs.get(resource).get(key).value();
  }

  @Test
  void namesWrongSettingsAndLeavesThemAlone() {
    Topics topics = new Topics(kafka.freshPrefix(), 4, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      TopicCheck check = new TopicCheck(admin);
      admin.createTopics(
          List.of(
              new NewTopic(topics.raw(), 2, (short) 1)
                  .configs(Map.of("retention.ms", "86400000", "flush.messages", "1")),
              new NewTopic(topics.sealed(), 2, (short) 1)
                  .configs(Map.of("retention.ms", "-1", "cleanup.policy", "compact"))));
      // The controller has made a topic a moment before the broker hears of it.
      await()
          .atMost(30, SECONDS)
          .until(
              () ->
                  admin
                      .listTopics()
                      .names()
                      .get()
                      .containsAll(List.of(topics.raw(), topics.sealed())));
      List<String> expected =
          List.of(
              "topic "
                  + topics.raw()
                  + ": retention.ms is 86400000, should be at least 2592000000: records would be deleted too early;"
                  + " mend it with kafka-configs.sh --alter --topic "
                  + topics.raw()
                  + " --add-config retention.ms=2592000000",
              "topic "
                  + topics.sealed()
                  + ": cleanup.policy is compact, should be delete: the wrong records would be deleted;"
                  + " mend it with kafka-configs.sh --alter --topic "
                  + topics.sealed()
                  + " --add-config cleanup.policy=delete");

      assertThat(check.look(topics, List.of(topics.raw(), topics.sealed(), topics.dead())))
          .isEqualTo(new TopicCheck.Findings(List.of(topics.dead()), expected));
      assertThat(check.ensure(topics)).isEqualTo(expected);
      assertThat(check.ensure(topics)).isEqualTo(expected);
    }
  }

  @Test
  void flushesWhatNothingRepairsOnASingleBroker() {
    Topics topics = new Topics("p.", 1, 1, 1, false);
    assertThat(topics.wanted())
        .filteredOn(topic -> "1".equals(topic.configs().get("flush.messages")))
        .extracting(NewTopic::name)
        .containsExactly("p.raw", "p.sealed", "p.mailboxes", "p.dead");
  }

  @Test
  void refusesSettingsThatContradictEachOther() {
    assertThatThrownBy(() -> new Topics("p.", 4, 1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("min.insync.replicas");
  }
}
