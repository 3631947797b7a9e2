package io.postern.age;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Bech32 (BIP 173) without its length limit, as age writes keys. */
final class Bech32 {
  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };
  private static final int CHECKSUM_LENGTH = 6;

  private Bech32() {}

  /**
   * A decoded text.
   *
   * @param prefix the human-readable part, in the case that it was written in
   * @param data the octets; the caller wipes them where they are secret
   */
  record Decoded(String prefix, byte[] data) {}

  /** Encodes; the case of the prefix is the case of the whole. */
  static byte[] encode(String prefix, byte[] data) {
    byte[] groups = regroup(data);
    String lowerPrefix = prefix.toLowerCase(Locale.ROOT);
    int checksum =
        polymod(polymod(prefixState(lowerPrefix), groups), new byte[CHECKSUM_LENGTH]) ^ 1;
    byte[] text = new byte[prefix.length() + 1 + groups.length + CHECKSUM_LENGTH];
    int at = 0;
    for (char c : lowerPrefix.toCharArray()) {
      text[at++] = (byte) c;
    }
    text[at++] = '1';
    for (byte group : groups) {
      text[at++] = (byte) ALPHABET.charAt(group);
    }
    for (int shift = 5 * (CHECKSUM_LENGTH - 1); shift >= 0; shift -= 5) {
      text[at++] = (byte) ALPHABET.charAt(checksum >>> shift & 31);
    }
    Arrays.fill(groups, (byte) 0);
    if (!lowerPrefix.equals(prefix)) {
      changeCase(text, 'a', 'z', -32);
    }
    return text;
  }

  /**
   * Decodes strictly.
   *
   * @throws IllegalArgumentException with the reason, which quotes nothing of the text
   */
  static Decoded decode(byte[] text) {
    byte[] lower = text.clone();
    boolean hasUpper = changeCase(lower, 'A', 'Z', 32);
    require(!hasUpper || !changeCase(text.clone(), 'a', 'z', 0), "mixed case");
    int separator = text.length - 1;
    while (separator >= 0 && text[separator] != '1') {
      separator--;
    }
    require(separator >= 1, "no prefix");
    require(separator + CHECKSUM_LENGTH < text.length, "too short");
    for (int i = 0; i < separator; i++) {
      require(text[i] > ' ' && text[i] < 127, "bad character in the prefix");
    }
    byte[] groups = Arrays.copyOfRange(lower, separator + 1, lower.length);
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (byte) ALPHABET.indexOf(groups[i]);
      require(groups[i] >= 0, "bad character");
    }
    String lowerPrefix = new String(lower, 0, separator, StandardCharsets.US_ASCII);
    require(polymod(prefixState(lowerPrefix), groups) == 1, "wrong checksum");
    byte[] data = ungroup(groups, groups.length - CHECKSUM_LENGTH);
    Arrays.fill(lower, (byte) 0);
    Arrays.fill(groups, (byte) 0);
    return new Decoded(new String(text, 0, separator, StandardCharsets.US_ASCII), data);
  }

  /** Moves letters of a range by an offset; says whether there were any. */
  private static boolean changeCase(byte[] text, char from, char to, int offset) {
    boolean found = false;
    for (int i = 0; i < text.length; i++) {
      if (text[i] >= from && text[i] <= to) {
        text[i] += (byte) offset;
        found = true;
      }
    }
    return found;
  }

  private static int prefixState(String lowerPrefix) {
    byte[] expanded = new byte[2 * lowerPrefix.length() + 1];
    for (int i = 0; i < lowerPrefix.length(); i++) {
      expanded[i] = (byte) (lowerPrefix.charAt(i) >>> 5);
      expanded[lowerPrefix.length() + 1 + i] = (byte) (lowerPrefix.charAt(i) & 31);
    }
    return polymod(1, expanded);
  }

  private static int polymod(int state, byte[] groups) {
    for (byte group : groups) {
      int top = state >>> 25;
      state = (state & 0x1ffffff) << 5 ^ group;
      for (int i = 0; i < GENERATOR.length; i++) {
        state ^= (top >>> i & 1) * GENERATOR[i];
      }
    }
    return state;
  }

  /** Eight bits an octet to five bits a group, padded with zero bits. */
  private static byte[] regroup(byte[] data) {
    byte[] groups = new byte[(data.length * 8 + 4) / 5];
    for (int i = 0; i < groups.length; i++) {
      int bit = i * 5;
      int pair =
          (data[bit / 8] & 255) << 8 | (bit / 8 + 1 < data.length ? data[bit / 8 + 1] & 255 : 0);
      groups[i] = (byte) (pair >>> 11 - bit % 8 & 31);
    }
    return groups;
  }

  private static byte[] ungroup(byte[] groups, int length) {
    byte[] data = new byte[length * 5 / 8];
    int bits = 0;
    int count = 0;
    int at = 0;
    for (int i = 0; i < length; i++) {
      bits = bits << 5 | groups[i];
      count += 5;
      if (count >= 8) {
        count -= 8;
        data[at++] = (byte) (bits >>> count);
        bits &= (1 << count) - 1;
      }
    }
    require(count < 5 && bits == 0, "bad padding");
    return data;
  }

  private static void require(boolean condition, String reason) {
    if (!condition) {
      throw new IllegalArgumentException(reason);
    }
  }
}
