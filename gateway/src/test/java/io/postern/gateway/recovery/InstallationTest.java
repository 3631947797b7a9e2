package io.postern.gateway.recovery;

import io.postern.mailbox.Mailbox;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.ObjectStore;
import io.postern.testkit.KafkaForTests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests of an installation with the mailboxes of two. */
abstract class InstallationTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  @TempDir Path folder;
  ObjectStore store;
  Installation site;
  Mailbox alice;
  Mailbox bob;
  final List<Finding> findings = new ArrayList<>();

  /** What {@link #send} has sent, by message id. */
  final Map<String, byte[]> sent = new HashMap<>();

  ObjectStore openStore() throws Exception {
    return new DirectoryStore(folder);
  }

  /** Ends what {@link #openStore} has started besides the store. */
  void closeServer() {}

  @BeforeEach
  void build() throws Exception {
    store = openStore();
    site = new Installation(kafka, store);
    alice = site.create("alice@example.org");
    bob = site.create("bob@example.org");
  }

  @AfterEach
  void takeDown() throws Exception {
    site.close();
    store.close();
    closeServer();
  }

  synchronized String send(int size, Mailbox... to) throws Exception {
    byte[] message = octets(size);
    String id = site.send(message, to);
    sent.put(id, message);
    return id;
  }

  static byte[] octets(int count) {
    byte[] octets = new byte[count];
    new Random(count).nextBytes(octets);
    return octets;
  }
}
