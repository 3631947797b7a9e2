package io.postern.pipeline;

import io.postern.testkit.KafkaForTests;
import org.apache.kafka.clients.admin.Admin;

/** Topics of one test's own, made on a real broker. */
final class FreshTopics {
  private FreshTopics() {}

  static Topics on(KafkaForTests kafka, int partitions) {
    Topics topics = new Topics(kafka.freshPrefix(), partitions, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      new TopicCheck(admin).ensure(topics);
    }
    return topics;
  }
}
