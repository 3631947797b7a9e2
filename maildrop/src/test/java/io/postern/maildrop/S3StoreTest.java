package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.minio.ListMultipartUploadsArgs;
import io.postern.maildrop.StoreException.Category;
import io.postern.testkit.S3ForTests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3StoreTest extends ObjectStoreContract {
  @TempDir static Path directory;
  private static S3ForTests server;
  private static S3Store store;
  private static String bucket;

  @BeforeAll
  static void open() throws Exception {
    server = S3ForTests.start(directory);
    bucket = "postern-" + UUID.randomUUID();
    store = new S3Store(settings(bucket, true));
  }

  @AfterAll
  static void close() {
    store.close();
    server.close();
  }

  @Override
  ObjectStore store() {
    return store;
  }

  private static S3Settings settings(String bucket, boolean create) {
    return new S3Settings(
        server.endpoint(), server.region(), bucket, server.accessKey(), server.secretKey(), create);
  }

  private static StoreException failureToOpen(S3Settings settings) {
    return catchThrowableOfType(StoreException.class, () -> new S3Store(settings).close());
  }

  @Test
  void opensABucketThatIsThere() throws Exception {
    store.put("a", octets(3));
    try (S3Store second = new S3Store(settings(bucket, true));
        InputStream in = second.get("a", 0)) {
      assertThat(in.readAllBytes()).isEqualTo(octets(3));
    }
  }

  @Test
  void anAbortedUploadLeavesNoParts() throws Exception {
    ObjectStore.Upload upload = store.begin("aborted");
    upload.write(octets(S3Settings.DEFAULT_PART_BYTES + 1), 0, S3Settings.DEFAULT_PART_BYTES + 1);
    assertThat(unfinished()).isOne();
    upload.abort();

    assertThat(unfinished()).isZero();
  }

  private static int unfinished() throws StoreException {
    var uploads = ListMultipartUploadsArgs.builder().bucket(bucket).build();
    try (S3Client client = new S3Client(settings(bucket, false))) {
      return client
          .call("uploads", s3 -> s3.listMultipartUploads(uploads))
          .result()
          .uploads()
          .size();
    }
  }

  @Test
  void saysThatTheBucketIsMissing() {
    StoreException failure = failureToOpen(settings("postern-none", false));

    assertThat(failure).hasMessage("bucket postern-none does not exist");
    assertThat(failure.category()).isEqualTo(Category.TEMPORARY);
  }

  @Test
  void saysThatTheSecretIsWrong() {
    S3Settings wrong =
        new S3Settings(
            server.endpoint(), server.region(), bucket, server.accessKey(), "wrong", false);

    assertThat(failureToOpen(wrong).category()).isEqualTo(Category.DENIED);
  }

  @Test
  void aStoreThatIsAwayIsTemporary() throws Exception {
    URI nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = URI.create("http://127.0.0.1:" + free.getLocalPort());
    }
    assertThat(failureToOpen(new S3Settings(nobody, "r1", bucket, "a", "s", false)).category())
        .isEqualTo(Category.TEMPORARY);
  }

  @Test
  void aStoreThatDoesNotAnswerIsTemporaryAfterTheTimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      S3Settings settings =
          new S3Settings(
              URI.create("http://127.0.0.1:" + silent.getLocalPort()),
              "r1",
              bucket,
              "a",
              "s",
              true,
              false,
              S3Settings.DEFAULT_PART_BYTES,
              1,
              Duration.ofMillis(200),
              Optional.empty());

      assertThat(failureToOpen(settings).category()).isEqualTo(Category.TEMPORARY);
    }
  }

  @Test
  void anAnswerThatBreaksOffIsTemporary() throws Exception {
    try (ServerSocket breaking = new ServerSocket(0)) {
      CompletableFuture<Void> served = CompletableFuture.runAsync(() -> breakOff(breaking));
      S3Settings settings =
          new S3Settings(
              URI.create("http://127.0.0.1:" + breaking.getLocalPort()),
              "r1",
              bucket,
              "a",
              "s",
              false);
      try (S3Store half = new S3Store(settings);
          InputStream in = half.get("a", 0)) {
        StoreException failure =
            catchThrowableOfType(StoreException.class, () -> in.readAllBytes());
        assertThat(failure.category()).isEqualTo(Category.TEMPORARY);
      }
      served.join();
    }
  }

  /** Answers the question for the bucket, then half of an object. */
  private static void breakOff(ServerSocket server) {
    try (Socket connection = server.accept()) {
      answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(Socket connection, String answer) throws IOException {
    int newlines = 0;
    while (newlines < 2) {
      int octet = connection.getInputStream().read();
      newlines = octet == '\n' ? newlines + 1 : octet == '\r' ? newlines : 0;
    }
    connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void settingsDoNotShowTheSecret() {
    assertThat(settings(bucket, true).toString())
        .contains(server.endpoint().toString(), bucket)
        .doesNotContain(server.secretKey());
  }
}
