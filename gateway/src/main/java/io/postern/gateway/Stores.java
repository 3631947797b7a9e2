package io.postern.gateway;

import io.postern.gateway.config.Settings;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.S3Settings;
import io.postern.maildrop.S3Store;
import io.postern.maildrop.StoreException;
import java.net.URI;
import java.util.Optional;

/** The object store that the settings name: a bucket, or a directory below {@code data}. */
final class Stores {
  private Stores() {}

  /**
   * Opens it.
   *
   * @param make whether to make the bucket where there is none
   * @throws StoreException where it is away, or refuses
   * @throws CommandFailure where the settings cannot stand
   */
  static ObjectStore open(Settings settings, boolean make) throws StoreException {
    Settings.S3 s3 = settings.s3();
    if (s3.directory()) {
      return new DirectoryStore(settings.data().resolve("objects"));
    }
    try {
      return new S3Store(
          new S3Settings(
              URI.create(s3.endpoint()),
              s3.region(),
              s3.bucket(),
              SecretFile.orValue("s3.access-key-file", s3.accessKeyFile(), s3.accessKey()),
              SecretFile.orValue("s3.secret-key-file", s3.secretKeyFile(), s3.secretKey()),
              s3.pathStyle().on(),
              make,
              S3Settings.DEFAULT_PART_BYTES,
              S3Settings.DEFAULT_MAX_CONNECTIONS,
              S3Settings.DEFAULT_TIMEOUT,
              Optional.ofNullable(s3.caFile())));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("s3: " + e.getMessage(), e);
    }
  }
}
