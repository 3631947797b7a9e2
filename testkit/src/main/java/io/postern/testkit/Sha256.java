package io.postern.testkit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest by which tests compare what is too long to be shown. */
public final class Sha256 {
  private Sha256() {}

  /** 64 hexadecimal digits in lower case. */
  public static String hex(byte[] octets) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
