package io.postern.ingest;

import io.postern.testkit.Transcripts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every SMTP transcript over a real socket, with a real TLS upgrade. */
class IngestTranscriptTest {
  private static Server server;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    server = new Server(folder, new NamedMailboxes());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @TestFactory
  Stream<DynamicTest> transcripts() {
    return Transcripts.in(
        Transcripts.folder("protocol/src/test/resources/smtp"),
        ".smtp",
        List.of(4096, Transcripts.WHOLE),
        server::starttls);
  }
}
