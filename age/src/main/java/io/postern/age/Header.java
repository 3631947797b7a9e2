package io.postern.age;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The header of an age file (C2SP age.md, "Header"). There is one way to write a header, so what
 * was read is written again octet for octet.
 *
 * @param stanzas at least one
 * @param mac the HMAC over the text up to and including {@code ---}
 */
record Header(List<Stanza> stanzas, byte[] mac) {
  static final String VERSION_LINE = "age-encryption.org/v1";
  static final String STANZA_MARK = "->";
  static final String MAC_MARK = "---";
  static final int LINE_LENGTH = 64;
  static final int MAC_LENGTH = Hkdf.HASH_LENGTH;

  private static final byte[] MAC_INFO = Octets.ascii("header");

  /** Writes the stanzas under a MAC made with the file key. */
  static Header of(List<Stanza> stanzas, byte[] fileKey) {
    return new Header(List.copyOf(stanzas), mac(stanzas, fileKey));
  }

  /**
   * Finds the first identity that opens the header, and checks the MAC.
   *
   * @return the file key; the caller wipes it
   */
  byte[] unwrap(List<? extends Identity> identities) throws AgeException {
    for (Identity identity : identities) {
      Optional<byte[]> fileKey = identity.unwrap(stanzas);
      if (fileKey.isPresent()) {
        if (!MessageDigest.isEqual(mac, mac(stanzas, fileKey.get()))) {
          Arrays.fill(fileKey.get(), (byte) 0);
          throw new AgeException(AgeException.Category.HMAC, "the header's MAC is wrong");
        }
        return fileKey.get();
      }
    }
    throw new AgeException(
        AgeException.Category.NO_MATCH, "no given identity or passphrase opens the file");
  }

  byte[] encode() {
    ByteArrayOutputStream text = textWithoutMac(stanzas);
    text.write(' ');
    text.writeBytes(CanonicalBase64.UNPADDED.encode(mac));
    text.write('\n');
    return text.toByteArray();
  }

  private static byte[] mac(List<Stanza> stanzas, byte[] fileKey) {
    byte[] key = Hkdf.derive(fileKey, new byte[0], MAC_INFO);
    byte[] mac = Hkdf.hmac(key, textWithoutMac(stanzas).toByteArray());
    Arrays.fill(key, (byte) 0);
    return mac;
  }

  private static ByteArrayOutputStream textWithoutMac(List<Stanza> stanzas) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(512);
    text.writeBytes(Octets.ascii(VERSION_LINE + "\n"));
    stanzas.forEach(stanza -> write(stanza, text));
    text.writeBytes(Octets.ascii(MAC_MARK));
    return text;
  }

  private static void write(Stanza stanza, ByteArrayOutputStream text) {
    text.writeBytes(Octets.ascii(STANZA_MARK + " " + stanza.type()));
    stanza.args().forEach(arg -> text.writeBytes(Octets.ascii(" " + arg)));
    text.write('\n');
    byte[] body = CanonicalBase64.UNPADDED.encode(stanza.body());
    int at = 0;
    // The last line is always shorter than 64 columns: it is empty where the body fills its lines.
    for (; body.length - at >= LINE_LENGTH; at += LINE_LENGTH) {
      text.write(body, at, LINE_LENGTH);
      text.write('\n');
    }
    text.write(body, at, body.length - at);
    text.write('\n');
  }
}
