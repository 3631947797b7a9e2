package io.postern.maildrop;

import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.PutObjectAPIArgs;
import io.minio.UploadPartArgs;
import io.minio.messages.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object on its way into a bucket: what fits into one part goes as a single request, anything
 * larger as a multipart upload. Holds at most one part; its buffer grows with the content.
 */
final class S3Upload implements ObjectStore.Upload {
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);
  private static final int FIRST_BUFFER_BYTES = 16 * 1024;

  private final S3Client s3;
  private final String bucket;
  private final String key;
  private final int partBytes;
  private final List<Part> parts = new ArrayList<>();
  private byte[] buffer = new byte[0];
  private int held;
  private String uploadId;

  S3Upload(S3Client s3, String bucket, String key, int partBytes) {
    this.s3 = s3;
    this.bucket = bucket;
    this.key = key;
    this.partBytes = partBytes;
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws StoreException {
    int from = offset;
    int end = offset + length;
    while (from < end) {
      // Only when more comes is a full buffer a part: the last part goes with complete.
      if (held == partBytes) {
        sendPart();
      }
      int taken = Math.min(end - from, partBytes - held);
      grow(held + taken);
      System.arraycopy(octets, from, buffer, held, taken);
      held += taken;
      from += taken;
    }
  }

  private void grow(int needed) {
    if (needed > buffer.length) {
      int doubled = Math.max(FIRST_BUFFER_BYTES, buffer.length * 2);
      buffer = Arrays.copyOf(buffer, Math.min(partBytes, Math.max(needed, doubled)));
    }
  }

  @Override
  public int heldBytes() {
    return buffer.length;
  }

  private void sendPart() throws StoreException {
    if (uploadId == null) {
      var begin = CreateMultipartUploadArgs.builder().bucket(bucket).object(key).build();
      uploadId =
          s3.call("put " + key, client -> client.createMultipartUpload(begin)).result().uploadId();
    }
    var part =
        UploadPartArgs.builder()
            .bucket(bucket)
            .object(key)
            .uploadId(uploadId)
            .partNumber(parts.size() + 1)
            .data(buffer, held)
            .build();
    parts.add(s3.call("put " + key, client -> client.uploadPart(part)).part());
    held = 0;
  }

  @Override
  public void complete() throws StoreException {
    if (uploadId == null) {
      putWhole(s3, bucket, key, buffer, held);
    } else {
      sendPart();
      var complete =
          CompleteMultipartUploadArgs.builder()
              .bucket(bucket)
              .object(key)
              .uploadId(uploadId)
              .parts(parts.toArray(Part[]::new))
              .build();
      s3.call("put " + key, client -> client.completeMultipartUpload(complete));
      uploadId = null;
    }
    buffer = new byte[0];
  }

  static void putWhole(S3Client s3, String bucket, String key, byte[] octets, int length)
      throws StoreException {
    var put = PutObjectAPIArgs.builder().bucket(bucket).object(key).data(octets, length).build();
    s3.call("put " + key, client -> client.putObject(put));
  }

  @Override
  public void abort() {
    buffer = new byte[0];
    held = 0;
    if (uploadId == null) {
      return;
    }
    var abort =
        AbortMultipartUploadArgs.builder().bucket(bucket).object(key).uploadId(uploadId).build();
    uploadId = null;
    try {
      s3.call("abort " + key, client -> client.abortMultipartUpload(abort));
    } catch (StoreException e) {
      LOG.warn("parts of an unfinished upload may be left in the bucket: {}", e.getMessage());
    }
  }
}
