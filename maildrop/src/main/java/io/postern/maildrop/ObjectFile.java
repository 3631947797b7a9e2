package io.postern.maildrop;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * Reads the file of an object which may be deleted meanwhile, by another process too, and be
 * overwritten with another object. Before that it loses its name: what was read while the name
 * still stands for the same file, last modified at the same time, is the object's own. So every
 * read asks for it once more before it gives anything out: let reads be large. The file of an
 * object that was replaced, or is not used again, is read to its end. Not thread-safe.
 */
final class ObjectFile extends FilterInputStream {
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private final Path path;
  private final Object fileKey;
  private final FileTime modified;

  /** Nobody else can find the file any more. */
  private boolean own;

  private ObjectFile(InputStream in, Path path, BasicFileAttributes attributes) {
    super(in);
    this.path = path;
    this.fileKey = attributes.fileKey();
    this.modified = attributes.lastModifiedTime();
  }

  /**
   * Opens it.
   *
   * @param offset where to begin, in octets
   * @throws NoSuchFileException also where something else is there
   */
  static InputStream open(Path path, long offset) throws IOException {
    while (true) {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        throw new NoSuchFileException(path.toString());
      }
      ObjectFile file =
          new ObjectFile(Files.newInputStream(path, NOFOLLOW_LINKS), path, attributes);
      try {
        if (file.inPlace()) { // Otherwise it was replaced before it was opened.
          file.skip(offset); // Seeks, at most to the end.
          return file;
        }
        file.close();
      } catch (IOException e) {
        file.close();
        throw e;
      }
    }
  }

  @Override
  public int read() throws IOException {
    int octet = in.read();
    requireUnchanged();
    return octet;
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    int count = in.read(octets, offset, length);
    requireUnchanged();
    return count;
  }

  private void requireUnchanged() throws IOException {
    if (own || inPlace()) {
      return;
    }
    own = unlinked();
    if (!own) {
      throw new NoSuchFileException(path.toString());
    }
  }

  private boolean inPlace() throws IOException {
    try {
      var now = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
      return fileKey.equals(now.fileKey()) && modified.equals(now.lastModifiedTime());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Whether the file has no name left and is as it was. An open file can be asked only by its
   * number, which Java does not tell; it happens seldom enough to look for it.
   */
  private boolean unlinked() throws IOException {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(OPEN_FILES)) {
      for (Path number : open) {
        try {
          var now = Files.readAttributes(number, "unix:fileKey,nlink,lastModifiedTime");
          if (fileKey.equals(now.get("fileKey"))) {
            return (int) now.get("nlink") == 0 && modified.equals(now.get("lastModifiedTime"));
          }
        } catch (NoSuchFileException e) {
          // Closed meanwhile.
        }
      }
      return false;
    }
  }
}
