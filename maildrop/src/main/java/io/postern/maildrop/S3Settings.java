package io.postern.maildrop;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How to reach a bucket.
 *
 * @param endpoint {@code http} or {@code https}, host and port
 * @param region as the store calls it; many take any
 * @param bucket the bucket's name
 * @param accessKey the user
 * @param secretKey its secret, never shown
 * @param pathStyle whether the bucket stands in the URL's path, which every store understands, and
 *     not in the host's name
 * @param createBucket whether to make the bucket where it is missing
 * @param partBytes size of a part of a multipart upload, 5 to 64 MiB; an upload holds one in memory
 * @param maxConnections requests under way at once
 * @param timeout for connecting, and for the longest silence in a request or an answer
 * @param caFile PEM certificates that are trusted beside the JDK's, where the store has one of them
 */
public record S3Settings(
    URI endpoint,
    String region,
    String bucket,
    String accessKey,
    String secretKey,
    boolean pathStyle,
    boolean createBucket,
    int partBytes,
    int maxConnections,
    Duration timeout,
    Optional<Path> caFile) {
  /** S3's smallest part, which is also the cheapest in memory. */
  public static final int DEFAULT_PART_BYTES = 5 << 20;

  public static final String DEFAULT_REGION = "us-east-1";
  public static final int DEFAULT_MAX_CONNECTIONS = 64;
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);

  public S3Settings {
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(region, "region");
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(accessKey, "access key");
    Objects.requireNonNull(secretKey, "secret key");
    if (partBytes < DEFAULT_PART_BYTES || partBytes > 64 << 20) {
      throw new IllegalArgumentException("part size " + partBytes + " is not 5 to 64 MiB");
    }
    if (maxConnections < 1) {
      throw new IllegalArgumentException("connections " + maxConnections);
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout " + timeout);
    }
  }

  /** With the defaults for everything that is not about where and who. */
  public S3Settings(
      URI endpoint,
      String region,
      String bucket,
      String accessKey,
      String secretKey,
      boolean createBucket) {
    this(
        endpoint,
        region,
        bucket,
        accessKey,
        secretKey,
        true,
        createBucket,
        DEFAULT_PART_BYTES,
        DEFAULT_MAX_CONNECTIONS,
        DEFAULT_TIMEOUT,
        Optional.empty());
  }

  @Override
  public String toString() {
    return "S3Settings[endpoint=%s, region=%s, bucket=%s, accessKey=%s, pathStyle=%s, timeout=%s]"
        .formatted(endpoint, region, bucket, accessKey, pathStyle, timeout);
  }
}
