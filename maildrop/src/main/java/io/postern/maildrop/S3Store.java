package io.postern.maildrop;

import io.minio.BucketExistsArgs;
import io.minio.CreateBucketArgs;
import io.minio.DeleteObjectsArgs;
import io.minio.GetObjectArgs;
import io.minio.HeadObjectArgs;
import io.minio.ListObjectsV2Args;
import io.minio.messages.DeleteRequest;
import io.minio.messages.DeleteResult;
import io.minio.messages.Item;
import io.postern.maildrop.StoreException.Category;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A store in a bucket of an S3 service. */
public final class S3Store implements ObjectStore {
  /** S3's limit for a page of a listing and for a bulk deletion. */
  private static final int PAGE = 1000;

  private static final String DELIMITER = "/";

  private final S3Settings settings;
  private final S3Client s3;

  /** Opens the store; asks the service for the bucket, so wrong settings show here. */
  public S3Store(S3Settings settings) throws StoreException {
    this.settings = settings;
    this.s3 = new S3Client(settings);
    try {
      requireBucket();
    } catch (StoreException e) {
      s3.close();
      throw e;
    }
  }

  private void requireBucket() throws StoreException {
    var exists = BucketExistsArgs.builder().bucket(settings.bucket()).build();
    if (s3.call("bucket " + settings.bucket(), client -> client.bucketExists(exists))) {
      return;
    }
    if (!settings.createBucket()) {
      throw new StoreException(
          Category.TEMPORARY, "bucket " + settings.bucket() + " does not exist", null);
    }
    var create = CreateBucketArgs.builder().bucket(settings.bucket()).build();
    try {
      s3.call("create bucket " + settings.bucket(), client -> client.createBucket(create));
    } catch (StoreException e) {
      // Another process of ours may have been quicker.
      if (!s3.call("bucket " + settings.bucket(), client -> client.bucketExists(exists))) {
        throw e;
      }
    }
  }

  @Override
  public void put(String key, byte[] octets) throws StoreException {
    S3Upload.putWhole(s3, settings.bucket(), ObjectKeys.require(key), octets, octets.length);
  }

  @Override
  public int uploadBytes() {
    return settings.partBytes();
  }

  @Override
  public Upload begin(String key) throws StoreException {
    return new S3Upload(s3, settings.bucket(), ObjectKeys.require(key), settings.partBytes());
  }

  @Override
  public InputStream get(String key, long offset) throws StoreException {
    var object = GetObjectArgs.builder().bucket(settings.bucket()).object(ObjectKeys.require(key));
    if (offset > 0) {
      object.offset(offset);
    }
    try {
      return new StoreInputStream(
          s3.call("get " + key, client -> client.getObject(object.build())), key);
    } catch (StoreException e) {
      if (offset > 0 && e.category() == Category.INVALID) {
        return InputStream.nullInputStream(); // From the end or beyond it there is nothing.
      }
      throw e;
    }
  }

  @Override
  public Optional<Entry> stat(String key) throws StoreException {
    var object =
        HeadObjectArgs.builder().bucket(settings.bucket()).object(ObjectKeys.require(key)).build();
    try {
      return Optional.of(
          new Entry(key, s3.call("stat " + key, client -> client.headObject(object)).size()));
    } catch (StoreException e) {
      if (e.category() == Category.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public List<Entry> list(String prefix, String after, int limit) throws StoreException {
    List<Entry> found = new ArrayList<>();
    String last = after;
    boolean more = limit > 0;
    while (more) {
      var page =
          ListObjectsV2Args.builder()
              .bucket(settings.bucket())
              .prefix(prefix)
              .startAfter(last)
              .maxKeys(Math.min(PAGE, limit - found.size()))
              .build();
      var result = s3.call("list " + prefix, client -> client.listObjectsV2(page)).result();
      for (Item item : result.contents()) {
        last = item.objectName();
        found.add(new Entry(last, item.size()));
      }
      more = result.isTruncated() && found.size() < limit && !result.contents().isEmpty();
    }
    return found;
  }

  @Override
  public List<String> folders(String prefix) throws StoreException {
    List<String> names = new ArrayList<>();
    String next = null;
    do {
      var page =
          ListObjectsV2Args.builder()
              .bucket(settings.bucket())
              .prefix(prefix)
              .delimiter(DELIMITER)
              .continuationToken(next)
              .maxKeys(PAGE)
              .build();
      var result = s3.call("list " + prefix, client -> client.listObjectsV2(page)).result();
      for (var folder : result.commonPrefixes()) {
        String path = folder.toItem().objectName();
        names.add(path.substring(prefix.length(), path.length() - DELIMITER.length()));
      }
      next = result.isTruncated() ? result.nextContinuationToken() : null;
    } while (next != null);
    names.sort(null);
    return names;
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    List<DeleteRequest.Object> batch = new ArrayList<>();
    for (String key : keys) {
      batch.add(new DeleteRequest.Object(ObjectKeys.require(key)));
      if (batch.size() == PAGE) {
        deleteBatch(batch);
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      deleteBatch(batch);
    }
  }

  private void deleteBatch(List<DeleteRequest.Object> batch) throws StoreException {
    var request =
        DeleteObjectsArgs.builder().bucket(settings.bucket()).objects(batch).quiet(true).build();
    var result = s3.call("delete", client -> client.deleteObjects(request)).result();
    for (DeleteResult.Error error : result.errors()) {
      Category category = S3Client.category(error.code());
      if (category != Category.NOT_FOUND) {
        throw new StoreException(
            category, "delete " + error.objectName() + ": " + error.code(), null);
      }
    }
  }

  @Override
  public void close() {
    s3.close();
  }
}
