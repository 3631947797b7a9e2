package io.postern.age;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;

/**
 * What came of opening a whole file.
 *
 * @param plaintext all that was released, also where the file failed later on
 * @param failure why it failed
 */
record Opening(byte[] plaintext, Optional<AgeException> failure) {
  static Opening of(byte[] file, List<? extends Identity> identities, int pieceLength) {
    return of(file, identities, pieceLength, false);
  }

  static Opening of(
      byte[] file, List<? extends Identity> identities, int pieceLength, boolean armored) {
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities)) {
      ArmorReader armor = new ArmorReader(opener);
      for (int at = 0; at < file.length; at += pieceLength) {
        int length = Math.min(pieceLength, file.length - at);
        if (armored) {
          armor.update(file, at, length, plaintext::write);
        } else {
          opener.update(file, at, length, plaintext::write);
        }
      }
      if (armored) {
        armor.finish(plaintext::write);
      } else {
        opener.finish(plaintext::write);
      }
      return new Opening(plaintext.toByteArray(), Optional.empty());
    } catch (AgeException e) {
      return new Opening(plaintext.toByteArray(), Optional.of(e));
    }
  }
}
