package io.postern.gateway.age;

import io.postern.age.AgeException;
import io.postern.age.ArmorReader;
import io.postern.age.Identity;
import io.postern.age.Opener;
import io.postern.age.Sink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Opens a whole file, in ASCII armor or not. */
final class Unsealing {
  /** Enough to see past all the white space that may stand before armor. */
  private static final int BEGINNING_LENGTH = 2048;

  private static final int PIECE_LENGTH = 64 * 1024;
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

  static void unseal(InputStream in, List<Identity> identities, Sink plaintext) throws IOException {
    byte[] beginning = in.readNBytes(BEGINNING_LENGTH);
    try (Opener opener = new Opener(identities)) {
      if (ArmorReader.isArmor(beginning, beginning.length)) {
        ArmorReader armor = new ArmorReader(opener);
        pass(beginning, in, armor::update, plaintext);
        armor.finish(plaintext);
      } else {
        pass(beginning, in, opener::update, plaintext);
        opener.finish(plaintext);
      }
    }
  }

  private static void pass(byte[] beginning, InputStream in, Reader reader, Sink plaintext)
      throws IOException {
    reader.update(beginning, 0, beginning.length, plaintext);
    byte[] piece = new byte[PIECE_LENGTH];
    for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
      reader.update(piece, 0, length, plaintext);
    }
  }
}
