package io.postern.age;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a header line by line as it comes, as strictly as the specification's ABNF. */
final class HeaderReader {
  /** Room for some 600 hybrid or 10,000 X25519 recipients; more is taken for an attack. */
  static final int MAX_LENGTH = 1 << 20;

  private enum Expected {
    VERSION,
    FIRST_STANZA,
    STANZA_OR_MAC,
    BODY
  }

  private static final byte[] VERSION = Octets.ascii(Header.VERSION_LINE);

  private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
  private final List<Stanza> stanzas = new ArrayList<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(64);
  private Expected expected = Expected.VERSION;
  private int length;
  private String type;
  private List<String> args;
  private Header header;

  /** The header, once it is complete; else {@code null}. */
  Header header() {
    return header;
  }

  /** Takes octets up to the end of the header at most; says how many it took. */
  int read(byte[] octets, int offset, int count) throws AgeException {
    int at = offset;
    int end = offset + count;
    while (at < end && header == null) {
      int lineEnd = at;
      while (lineEnd < end && octets[lineEnd] != '\n') {
        lineEnd++;
      }
      boolean complete = lineEnd < end;
      int taken = lineEnd - at + (complete ? 1 : 0);
      length += taken;
      require(length <= MAX_LENGTH, "is longer than " + MAX_LENGTH + " octets");
      line.write(octets, at, lineEnd - at);
      at += taken;
      requireVersionSoFar();
      if (complete) {
        byte[] text = line.toByteArray();
        line.reset();
        readLine(text);
      }
    }
    return at - offset;
  }

  /** A file of another kind is told by its first octets, not after a megabyte. */
  private void requireVersionSoFar() throws AgeException {
    if (expected == Expected.VERSION) {
      byte[] text = line.toByteArray();
      int known = Math.min(text.length, VERSION.length);
      require(Arrays.equals(text, 0, text.length, VERSION, 0, known), "is not of age version 1");
    }
  }

  private void readLine(byte[] text) throws AgeException {
    switch (expected) {
      case VERSION -> {
        require(Arrays.equals(text, VERSION), "is not of age version 1");
        expected = Expected.FIRST_STANZA;
      }
      case FIRST_STANZA -> readStanza(text);
      case STANZA_OR_MAC -> {
        if (startsWith(text, Header.MAC_MARK)) {
          readMac(text);
        } else {
          readStanza(text);
        }
      }
      case BODY -> readBody(text);
    }
  }

  /** {@code "-> " argument *(SP argument)}, an argument being one or more visible characters. */
  private void readStanza(byte[] text) throws AgeException {
    require(startsWith(text, Header.STANZA_MARK + " "), "has a line that begins no stanza");
    boolean afterSpace = true;
    for (int i = Header.STANZA_MARK.length() + 1; i < text.length; i++) {
      boolean space = text[i] == ' ';
      require(space ? !afterSpace : text[i] > ' ' && text[i] < 127, "has a malformed argument");
      afterSpace = space;
    }
    require(!afterSpace, "has an empty argument");
    String arguments = new String(text, StandardCharsets.US_ASCII);
    List<String> words = List.of(arguments.split(" "));
    type = words.get(1);
    args = words.subList(2, words.size());
    expected = Expected.BODY;
  }

  private void readBody(byte[] text) throws AgeException {
    require(text.length <= Header.LINE_LENGTH, "has a body line longer than 64 columns");
    body.writeBytes(decode(text));
    if (text.length < Header.LINE_LENGTH) {
      stanzas.add(new Stanza(type, args, body.toByteArray()));
      body.reset();
      expected = Expected.STANZA_OR_MAC;
    }
  }

  private void readMac(byte[] text) throws AgeException {
    require(startsWith(text, Header.MAC_MARK + " "), "has a malformed MAC line");
    byte[] mac = decode(Arrays.copyOfRange(text, Header.MAC_MARK.length() + 1, text.length));
    require(mac.length == Header.MAC_LENGTH, "has a MAC of the wrong length");
    // C2SP age.md, "scrypt recipient stanza": what a passphrase opens, nobody else can have made.
    require(
        stanzas.size() == 1 || stanzas.stream().noneMatch(s -> s.type().equals(Passphrase.TYPE)),
        "mixes a passphrase with other recipients");
    header = new Header(List.copyOf(stanzas), mac);
  }

  private static byte[] decode(byte[] text) throws AgeException {
    try {
      return CanonicalBase64.UNPADDED.decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed("has a line that is not canonical base64");
    }
  }

  private static boolean startsWith(byte[] text, String mark) {
    return text.length >= mark.length()
        && mark.equals(new String(text, 0, mark.length(), StandardCharsets.US_ASCII));
  }

  private static void require(boolean condition, String what) throws AgeException {
    if (!condition) {
      throw malformed(what);
    }
  }

  private static AgeException malformed(String what) {
    return new AgeException(AgeException.Category.HEADER, "the header " + what);
  }
}
