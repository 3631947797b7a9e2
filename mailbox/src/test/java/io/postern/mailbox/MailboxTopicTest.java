package io.postern.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mailbox.MailboxTopic.Change;
import io.postern.mailbox.MailboxTopic.OvertakenException;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.testkit.KafkaForTests;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MailboxTopicTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private MailboxTopic topic;

  @BeforeEach
  void create() throws Exception {
    Topics topics = new Topics(kafka.freshPrefix(), 1, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      assertThat(new TopicCheck(admin).ensure(topics)).isEmpty();
    }
    topic = new MailboxTopic(kafka.clientProperties(), topics);
  }

  /** Anything but "committed" and "overtaken" is thrown and fails the test. */
  @Test
  void aChangeIsCommittedOrOvertakenWhateverOthersDo() throws Exception {
    Callable<Integer> changes =
        () -> {
          int committed = 0;
          for (int i = 0; i < 40; i++) {
            try (Change change = topic.begin()) {
              change.remove("id");
              change.commit();
              committed++;
            } catch (OvertakenException e) {
              // The other was faster: a caller would begin anew.
            }
          }
          return committed;
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Integer> committed = new ArrayList<>();
      for (Future<Integer> done : threads.invokeAll(List.of(changes, changes))) {
        committed.add(done.get());
      }
      assertThat(committed.get(0) + committed.get(1)).isPositive();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aCommitThatTripsTheCoordinatorIsTakenForOvertaken() {
    String said = "Unhandled error in EndTxnResponse: " + Errors.UNKNOWN_SERVER_ERROR.message();

    assertThat(MailboxTopic.mayBeOvertaken(new KafkaException(said))).isTrue();
    assertThat(MailboxTopic.mayBeOvertaken(new KafkaException(said, new TimeoutException())))
        .isFalse();
    assertThat(MailboxTopic.mayBeOvertaken(new TimeoutException(said))).isFalse();
  }
}
