package io.postern.age;

import java.util.List;

/**
 * A recipient stanza: one wrapping of the file key (C2SP age.md, "Recipient stanza").
 *
 * @param type the first argument, for example {@code X25519}
 * @param args the arguments after the type
 * @param body the decoded body; not copied
 */
public record Stanza(String type, List<String> args, byte[] body) {
  static final int FILE_KEY_LENGTH = 16;

  /** A wrapped file key with its tag: what every native recipient type has as its body. */
  private static final int WRAPPED_LENGTH = FILE_KEY_LENGTH + ChaChaPoly.TAG_LENGTH;

  /** Checks the number of arguments and, against partitioning oracles, the length of the body. */
  void requireShape(int argCount) throws AgeException {
    if (args.size() != argCount) {
      throw malformed("has the wrong number of arguments");
    }
    if (body.length != WRAPPED_LENGTH) {
      throw malformed("has a body of the wrong length");
    }
  }

  /** Decodes an argument that must be canonical base64 of a known number of octets. */
  byte[] decodeArg(int index, int length) throws AgeException {
    try {
      byte[] octets = CanonicalBase64.UNPADDED.decode(Octets.ascii(args.get(index)));
      if (octets.length == length) {
        return octets;
      }
    } catch (IllegalArgumentException e) {
      // Falls through: the same answer as for a wrong length.
    }
    throw malformed("has a malformed argument");
  }

  /** Only for stanzas of a native type: the type of another is not ours to print. */
  AgeException malformed(String what) {
    return new AgeException(AgeException.Category.HEADER, "a stanza of type " + type + " " + what);
  }
}
