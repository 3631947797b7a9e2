package io.postern.proxy;

import io.postern.protocol.Conversation;
import io.postern.testkit.Transcripts;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/** A folder of proxies' transcripts as tests. */
final class TranscriptTests {
  private TranscriptTests() {}

  /** Makes a proxy as the words of a transcript's route say. */
  interface Proxy {
    Conversation make(List<String> words, FakeArchive archive, Upstreams upstreams);
  }

  static Stream<DynamicTest> inMemory(String protocol, Proxy proxy) throws IOException {
    return files(protocol).stream()
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
  static Stream<DynamicTest> overSockets(
      String protocol, Vertx vertx, TestCertificate certificate, Proxy proxy) throws IOException {
    return files(protocol).stream()
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

  static List<Path> files(String protocol) throws IOException {
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
