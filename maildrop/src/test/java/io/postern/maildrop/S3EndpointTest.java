package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.maildrop.StoreException.Category;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ways to reach a store: TLS with an authority of one's own, the bucket in the host's name. */
@Timeout(60)
class S3EndpointTest {
  private static final String PASSWORD = "changeit";

  @TempDir private Path folder;

  @Test
  void trustsTheAuthorityOfAFileAndNoOther() throws Exception {
    Path keys = folder.resolve("keys.p12");
    Path certificate = folder.resolve("ca.pem");
    keytool(
        "-genkeypair -alias s3 -keyalg EC -dname CN=s3 -ext SAN=ip:127.0.0.1 -storepass "
            + PASSWORD
            + " -keystore "
            + keys);
    keytool(
        "-exportcert -rfc -alias s3 -storepass "
            + PASSWORD
            + " -keystore "
            + keys
            + " -file "
            + certificate);
    S3Proxy server =
        S3Proxy.builder()
            .secureEndpoint(URI.create("https://127.0.0.1:0"))
            .keyStore(keys.toString(), PASSWORD)
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "user", "secret")
            .blobStore(
                new FilesystemNio2BlobStore(
                    Files.createDirectory(folder.resolve("objects")).toString()))
            .build();
    server.start();
    try {
      URI endpoint = URI.create("https://127.0.0.1:" + server.getSecurePort());
      try (S3Store store = new S3Store(settings(endpoint, true, Optional.of(certificate)))) {
        store.put("a", new byte[] {1, 2, 3});
        assertThat(store.get("a", 0).readAllBytes()).containsExactly(1, 2, 3);
      }
      StoreException stranger =
          catchThrowableOfType(
              StoreException.class,
              () -> new S3Store(settings(endpoint, true, Optional.empty())).close());
      assertThat(stranger.category()).isEqualTo(Category.TEMPORARY);
    } finally {
      server.stop();
    }
  }

  private static void keytool(String arguments) throws IOException, InterruptedException {
    Path program = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process process =
        new ProcessBuilder((program + " " + arguments).split(" "))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  @Test
  void saysWhichFileHoldsNoCertificate() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    for (Path file : new Path[] {empty, folder.resolve("absent.pem")}) {
      StoreException failure =
          catchThrowableOfType(
              StoreException.class,
              () ->
                  new S3Store(settings(URI.create("https://127.0.0.1:1"), true, Optional.of(file)))
                      .close());
      assertThat(failure.category()).isEqualTo(Category.INVALID);
      assertThat(failure).hasMessageContaining(file.toString());
    }
  }

  /** Seen by a proxy, which is asked for the host as it is, whether that has an address or not. */
  @Test
  void putsTheBucketWhereItIsTold() throws Exception {
    URI endpoint = URI.create("http://s3.example.test");
    assertThat(requestLine(settings(endpoint, true, Optional.empty())))
        .startsWith("HEAD http://s3.example.test/mail");
    assertThat(requestLine(settings(endpoint, false, Optional.empty())))
        .startsWith("HEAD http://mail.s3.example.test/");
  }

  private static String requestLine(S3Settings settings) throws Exception {
    ProxySelector usual = ProxySelector.getDefault();
    try (ServerSocket proxy = new ServerSocket(0)) {
      ProxySelector.setDefault(
          ProxySelector.of(new InetSocketAddress("127.0.0.1", proxy.getLocalPort())));
      CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> answer(proxy));
      new S3Store(settings).close();
      return asked.join();
    } finally {
      ProxySelector.setDefault(usual);
    }
  }

  private static String answer(ServerSocket proxy) {
    try (Socket connection = proxy.accept()) {
      BufferedReader request =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
      String first = request.readLine();
      for (String line = first; !line.isEmpty(); line = request.readLine()) {
        // To the end of the head.
      }
      connection
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return first;
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static S3Settings settings(URI endpoint, boolean pathStyle, Optional<Path> caFile) {
    return new S3Settings(
        endpoint,
        S3Settings.DEFAULT_REGION,
        "mail",
        "user",
        "secret",
        pathStyle,
        true,
        S3Settings.DEFAULT_PART_BYTES,
        S3Settings.DEFAULT_MAX_CONNECTIONS,
        S3Settings.DEFAULT_TIMEOUT,
        caFile);
  }
}
