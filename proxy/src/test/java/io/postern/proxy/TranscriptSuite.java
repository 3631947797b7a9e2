package io.postern.proxy;

import io.postern.protocol.Conversation;
import io.postern.testkit.Transcripts;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A folder of a proxy's transcripts as tests, in memory and over real connections. */
abstract class TranscriptSuite {
  @TempDir static Path folder;
  private static Vertx vertx;
  private static TestCertificate certificate;

  private final String protocol;
  private final Proxy proxy;

  TranscriptSuite(String protocol, Proxy proxy) {
    this.protocol = protocol;
    this.proxy = proxy;
  }

  /** Makes a proxy as the words of a transcript's route say. */
  interface Proxy {
    Conversation make(List<String> words, FakeArchive archive, Upstreams upstreams);
  }

  @BeforeAll
  static void setUp() throws IOException {
    vertx = Vertx.vertx();
    certificate = TestCertificate.in(folder);
  }

  @AfterAll
  static void tearDown() {
    vertx.close().await();
  }

  @TestFactory
  Stream<DynamicTest> inMemory() throws IOException {
    return files().stream()
        .flatMap(
            file ->
                Transcripts.CHUNK_SIZES.stream()
                    .map(
                        size ->
                            DynamicTest.dynamicTest(
                                file.getFileName() + ", " + size,
                                () -> {
                                  ProxyTranscript transcript = ProxyTranscript.read(file);
                                  try (Stage stage =
                                      new MemoryStage(transcript.routeWords(), size, proxy)) {
                                    transcript.play(stage);
                                  }
                                })));
  }

  /** Over real connections; what waits for a clock says that it is for memory only. */
  @TestFactory
  Stream<DynamicTest> overSockets() throws IOException {
    return files().stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName() + ", over sockets",
                    () -> {
                      ProxyTranscript transcript = ProxyTranscript.read(file);
                      Assumptions.assumeFalse(transcript.isForMemoryOnly(), "needs its own time");
                      try (Stage stage =
                          new SocketStage(vertx, certificate, transcript.routeWords(), proxy)) {
                        transcript.play(stage);
                      }
                    }));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files =
        Files.list(Transcripts.folder("proxy/src/test/transcripts/" + protocol))) {
      return files.sorted().toList();
    }
  }

  static UpstreamTls upstreamTls(List<String> words) {
    if (words.contains("upstream-starttls")) {
      return UpstreamTls.STARTTLS;
    }
    return words.contains("upstream-implicit") ? UpstreamTls.IMPLICIT : UpstreamTls.NONE;
  }
}
