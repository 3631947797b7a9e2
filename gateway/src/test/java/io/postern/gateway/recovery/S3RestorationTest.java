package io.postern.gateway.recovery;

import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.S3Settings;
import io.postern.maildrop.S3Store;
import io.postern.testkit.S3ForTests;
import java.util.UUID;

class S3RestorationTest extends RestorationContract {
  private S3ForTests s3;

  @Override
  ObjectStore openStore() throws Exception {
    s3 = S3ForTests.start(folder);
    return new S3Store(
        new S3Settings(
            s3.endpoint(),
            s3.region(),
            "postern-" + UUID.randomUUID(),
            s3.accessKey(),
            s3.secretKey(),
            true));
  }

  @Override
  void closeServer() {
    s3.close();
  }
}
