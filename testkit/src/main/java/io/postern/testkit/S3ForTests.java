package io.postern.testkit;

import java.net.URI;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A real S3 server for tests: the one that the system properties {@code s3.endpoint}, {@code
 * s3.access-key}, {@code s3.secret-key} and {@code s3.region} name, or a container of the image
 * that {@code test.minio.image} names, else S3Proxy in this process.
 */
public final class S3ForTests implements AutoCloseable {
  private static final String ACCESS_KEY = "tests";
  private static final String SECRET_KEY = "tests-secret";

  private final URI endpoint;
  private final String region;
  private final String accessKey;
  private final String secretKey;
  private final AutoCloseable server;

  private S3ForTests(
      URI endpoint, String region, String accessKey, String secretKey, AutoCloseable server) {
    this.endpoint = endpoint;
    this.region = region;
    this.accessKey = accessKey;
    this.secretKey = secretKey;
    this.server = server;
  }

  /** Starts the server, or takes the one that is there. {@code directory} is for its objects. */
  public static S3ForTests start(Path directory) throws Exception {
    String given = System.getProperty("s3.endpoint", "");
    if (!given.isEmpty()) {
      return new S3ForTests(
          URI.create(given),
          System.getProperty("s3.region", "us-east-1"),
          System.getProperty("s3.access-key"),
          System.getProperty("s3.secret-key"),
          () -> {});
    }
    String image = System.getProperty("test.minio.image", "");
    return image.isEmpty() ? inProcess(directory) : inContainer(image);
  }

  private static S3ForTests inContainer(String image) {
    MinIOContainer minio =
        new MinIOContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("minio/minio"))
            .withUserName(ACCESS_KEY)
            .withPassword(SECRET_KEY);
    minio.start();
    return new S3ForTests(
        URI.create(minio.getS3URL()), "us-east-1", minio.getUserName(), minio.getPassword(), minio);
  }

  private static S3ForTests inProcess(Path directory) throws Exception {
    S3Proxy proxy =
        S3Proxy.builder()
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
            .blobStore(new FilesystemNio2BlobStore(directory.toString()))
            .build();
    proxy.start();
    URI endpoint = URI.create("http://127.0.0.1:" + proxy.getPort());
    return new S3ForTests(endpoint, "us-east-1", ACCESS_KEY, SECRET_KEY, proxy::stop);
  }

  public URI endpoint() {
    return endpoint;
  }

  public String region() {
    return region;
  }

  public String accessKey() {
    return accessKey;
  }

  public String secretKey() {
    return secretKey;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (Exception e) {
      throw new IllegalStateException("the S3 server does not stop", e);
    }
  }
}
