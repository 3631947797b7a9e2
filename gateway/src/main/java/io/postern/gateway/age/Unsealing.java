package io.postern.gateway.age;

import io.postern.age.AgeException;
import io.postern.age.ArmorReader;
import io.postern.age.Identity;
import io.postern.age.Opener;
import io.postern.age.Sink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Opens a whole file, in ASCII armor or not. */
final class Unsealing {
  /** Enough to see past all the white space that may stand before armor. */
  private static final int BEGINNING_LENGTH = 2048;

  private static final byte[] MAGIC = "age-encryption.org/".getBytes(StandardCharsets.US_ASCII);

  private Unsealing() {}

  /** What takes the file in pieces. */
  private interface Reader {
    void update(byte[] octets, int offset, int length, Sink plaintext) throws AgeException;
  }

  static boolean looksSealed(byte[] file) {
    return ArmorReader.isArmor(file, file.length)
        || Arrays.equals(file, 0, Math.min(file.length, MAGIC.length), MAGIC, 0, MAGIC.length);
  }

  /** Whether a file begins as armor does. */
  static boolean isArmor(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] beginning = in.readNBytes(BEGINNING_LENGTH);
      return ArmorReader.isArmor(beginning, beginning.length);
    }
  }

  static void unseal(InputStream in, List<Identity> identities, Sink plaintext) throws IOException {
    try (ReadAhead ahead = new ReadAhead(in, BEGINNING_LENGTH);
        Opener opener = new Opener(identities)) {
      Piece first = ahead.next();
      if (ArmorReader.isArmor(first.octets, Math.min(first.length, BEGINNING_LENGTH))) {
        ArmorReader armor = new ArmorReader(opener);
        pass(first, ahead, armor::update, plaintext);
        armor.finish(plaintext);
      } else {
        pass(first, ahead, opener::update, plaintext);
        opener.finish(plaintext);
      }
    }
  }

  private static void pass(Piece first, ReadAhead ahead, Reader reader, Sink plaintext)
      throws IOException {
    Piece piece = first;
    reader.update(piece.octets, 0, piece.length, plaintext);
    while (!piece.last) {
      piece = ahead.next();
      reader.update(piece.octets, 0, piece.length, plaintext);
    }
  }
}
