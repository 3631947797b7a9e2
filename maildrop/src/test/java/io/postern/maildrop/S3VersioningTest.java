package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.minio.ListObjectVersionsArgs;
import io.minio.MakeBucketArgs;
import io.minio.SetBucketVersioningArgs;
import io.minio.SetObjectLockConfigurationArgs;
import io.minio.messages.ListVersionsResult;
import io.minio.messages.ObjectLockConfiguration;
import io.minio.messages.RetentionMode;
import io.minio.messages.VersioningConfiguration;
import io.postern.maildrop.StoreException.Category;
import io.postern.testkit.S3ForTests;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Buckets that keep what was deleted or replaced: to us they are as all others. Needs a server that
 * has such buckets, which the one in this process is not.
 */
class S3VersioningTest {
  /** With versioning. */
  @Nested
  class Versioned extends Contract {
    @Override
    void prepare(S3Client client, String bucket) throws StoreException {
      client.call("bucket", s3 -> s3.makeBucket(MakeBucketArgs.builder().bucket(bucket).build()));
      VersioningConfiguration on =
          new VersioningConfiguration(VersioningConfiguration.Status.ENABLED, null, null, null);
      client.call(
          "versioning",
          s3 ->
              s3.setBucketVersioning(
                  SetBucketVersioningArgs.builder().bucket(bucket).config(on).build()));
    }
  }

  /** With versioning, and versions that nobody may delete for a day. */
  @Nested
  class Locked extends Contract {
    @Override
    void prepare(S3Client client, String bucket) throws StoreException {
      client.call(
          "bucket",
          s3 -> s3.makeBucket(MakeBucketArgs.builder().bucket(bucket).objectLock(true).build()));
      ObjectLockConfiguration day =
          new ObjectLockConfiguration(
              RetentionMode.GOVERNANCE, new ObjectLockConfiguration.RetentionDurationDays(1));
      client.call(
          "lock",
          s3 ->
              s3.setObjectLockConfiguration(
                  SetObjectLockConfigurationArgs.builder().bucket(bucket).config(day).build()));
    }
  }

  /** What holds for every store, and that old versions do not show. */
  @TestInstance(Lifecycle.PER_CLASS)
  abstract static class Contract extends ObjectStoreContract {
    private final String bucket = "postern-" + UUID.randomUUID();
    private S3ForTests server;
    private S3Store store;

    /** Makes the bucket. */
    abstract void prepare(S3Client client, String bucket) throws StoreException;

    @BeforeAll
    void open(@TempDir Path directory) throws Exception {
      assumeFalse(
          System.getProperty("s3.endpoint", "").isEmpty(),
          "needs an S3 server with versioning: .ci/with-ceph, or -Ds3.endpoint");
      server = S3ForTests.start(directory);
      try (S3Client client = new S3Client(settings())) {
        prepare(client, bucket);
      }
      store = new S3Store(settings());
    }

    @AfterAll
    void close() {
      if (store != null) {
        store.close();
        server.close();
      }
    }

    private S3Settings settings() {
      return new S3Settings(
          server.endpoint(),
          server.region(),
          bucket,
          server.accessKey(),
          server.secretKey(),
          false);
    }

    @Override
    ObjectStore store() {
      return store;
    }

    @Test
    void whatWasDeletedIsGoneThoughItsVersionsStay() throws Exception {
      String prefix = "versions/";
      String key = prefix + "a";
      store.put(key, octets(3));
      store.put(key, octets(5));
      assertThat(store.list(prefix, "", 10)).containsExactly(new ObjectStore.Entry(key, 5));

      store.delete(List.of(key));
      store.delete(List.of(key));

      assertThat(store.list(prefix, "", 10)).isEmpty();
      assertThat(
              catchThrowableOfType(StoreException.class, () -> store.get(key, 0).close())
                  .category())
          .isEqualTo(Category.NOT_FOUND);
      ListVersionsResult kept = versions(prefix);
      assertThat(kept.contents()).as("what the bucket keeps").hasSize(2);
      assertThat(kept.deleteMarkers()).isNotEmpty();

      store.put(key, octets(7));
      assertThat(store.list(prefix, "", 10)).containsExactly(new ObjectStore.Entry(key, 7));
      try (InputStream in = store.get(key, 0)) {
        assertThat(in.readAllBytes()).isEqualTo(octets(7));
      }
    }

    private ListVersionsResult versions(String prefix) throws StoreException {
      try (S3Client client = new S3Client(settings())) {
        return client
            .call(
                "versions",
                s3 ->
                    s3.listObjectVersions(
                        ListObjectVersionsArgs.builder().bucket(bucket).prefix(prefix).build()))
            .result();
      }
    }
  }
}
