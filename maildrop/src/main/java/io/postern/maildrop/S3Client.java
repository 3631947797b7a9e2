package io.postern.maildrop;

import io.minio.Http;
import io.minio.MinioAsyncClient;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.ServerException;
import io.postern.maildrop.StoreException.Category;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * The MinIO client as we need it: blocking, with bounded waiting, and every failure in a category.
 * Its exceptions' texts repeat whole requests, headers included, so only codes are taken from them.
 */
final class S3Client implements AutoCloseable {
  /** Two more tries, within about half a second; longer patience is the caller's. */
  private static final int ATTEMPTS = 3;

  private static final int RETRY_DELAY_MS = 100;
  private static final Set<Integer> RETRIED = Set.of(408, 429, 500, 502, 503, 504);

  private static final Set<String> DENIED =
      Set.of("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken");
  private static final Set<String> INVALID =
      Set.of(
          "InvalidRange",
          "KeyTooLongError",
          "InvalidObjectName",
          "XMinioInvalidObjectName",
          "EntityTooLarge");

  private final OkHttpClient http;
  private final MinioAsyncClient client;

  /**
   * @throws StoreException where the file of certificates cannot be used
   */
  S3Client(S3Settings settings) throws StoreException {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(settings.maxConnections());
    dispatcher.setMaxRequestsPerHost(settings.maxConnections());
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectTimeout(settings.timeout())
            .readTimeout(settings.timeout())
            .writeTimeout(settings.timeout())
            .socketFactory(new NoDelaySocketFactory())
            .dispatcher(dispatcher)
            .addInterceptor(new Http.StatusRetryInterceptor(RETRIED, RETRY_DELAY_MS, ATTEMPTS));
    if (settings.caFile().isPresent()) {
      trust(builder, settings.caFile().get());
    }
    this.http = builder.build();
    this.client =
        MinioAsyncClient.builder()
            .endpoint(settings.endpoint().toString())
            .region(settings.region())
            .credentials(settings.accessKey(), settings.secretKey())
            .httpClient(http)
            .build();
    if (settings.pathStyle()) {
      client.disableVirtualStyleEndpoint();
    } else {
      client.enableVirtualStyleEndpoint();
    }
  }

  private static void trust(OkHttpClient.Builder builder, Path file) throws StoreException {
    try {
      PrivateAuthority authority = PrivateAuthority.of(file);
      builder.sslSocketFactory(authority.sockets(), authority.trust());
    } catch (IOException e) {
      throw new StoreException(Category.INVALID, "certificates: " + e.getMessage(), e);
    }
  }

  /** A request to the store. */
  interface Request<T> {
    CompletableFuture<T> send(MinioAsyncClient client) throws Exception;
  }

  /** Sends a request and waits for its answer. {@code what} names it in errors. */
  <T> T call(String what, Request<T> request) throws StoreException {
    try {
      return request.send(client).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          Category.TEMPORARY, what + ": interrupted", new InterruptedIOException());
    } catch (ExecutionException e) {
      throw categorised(what, e.getCause());
    } catch (Exception e) {
      throw categorised(what, e);
    }
  }

  private static StoreException categorised(String what, Throwable cause) {
    if (cause instanceof ErrorResponseException e) {
      String code = e.errorResponse().code();
      return new StoreException(category(code), what + ": " + code, null);
    }
    if (cause instanceof ServerException e) {
      return new StoreException(Category.TEMPORARY, what + ": status " + e.statusCode(), null);
    }
    if (cause instanceof IOException) {
      return new StoreException(Category.TEMPORARY, what + ": " + cause.getMessage(), cause);
    }
    // An answer that is no S3 answer, from a proxy for example.
    return new StoreException(
        Category.TEMPORARY, what + ": " + cause.getClass().getSimpleName(), null);
  }

  static Category category(String code) {
    if (code == null) {
      return Category.TEMPORARY;
    }
    if (code.equals("NoSuchKey")) {
      return Category.NOT_FOUND;
    }
    if (DENIED.contains(code)) {
      return Category.DENIED;
    }
    return INVALID.contains(code) ? Category.INVALID : Category.TEMPORARY;
  }

  /** Without this the JVM waits a minute for idle threads and sockets. */
  @Override
  public void close() {
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
