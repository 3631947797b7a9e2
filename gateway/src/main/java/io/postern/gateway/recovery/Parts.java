package io.postern.gateway.recovery;

import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailboxes;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.Topics;
import java.util.Map;

/**
 * What recovery looks at and works on.
 *
 * @param kafka client settings, password included
 */
record Parts(
    Map<String, Object> kafka,
    Topics topics,
    ObjectStore store,
    KafkaDirectory directory,
    Mailboxes mailboxes) {
  @Override
  public String toString() {
    return "Parts[" + topics.prefix() + "]";
  }
}
