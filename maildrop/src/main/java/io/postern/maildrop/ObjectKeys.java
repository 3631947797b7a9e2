package io.postern.maildrop;

/** Which keys every store can hold: a path that means the same in a directory and in a bucket. */
final class ObjectKeys {
  private static final int MAX_LENGTH = 512;
  private static final int MAX_NAME_LENGTH = 200;

  private ObjectKeys() {}

  /**
   * Whether a key is names of letters, digits, dots, hyphens and underscores with slashes between
   * them. No name starts with a dot or a hyphen, so no valid key leads outside of the store or to
   * hidden files.
   */
  static boolean valid(String key) {
    int nameStart = 0;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c == '/') {
        nameStart = i + 1;
      } else if (!(isLetterOrDigit(c) || (i > nameStart && (c == '.' || c == '-' || c == '_')))
          || i - nameStart >= MAX_NAME_LENGTH) {
        return false;
      }
      if (c == '/' && (i == 0 || key.charAt(i - 1) == '/')) {
        return false;
      }
    }
    return nameStart < key.length() && key.length() <= MAX_LENGTH;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
  }

  /** Returns the key, or throws INVALID. */
  static String require(String key) throws StoreException {
    if (!valid(key)) {
      throw new StoreException(
          StoreException.Category.INVALID, "not a key for an object: " + key, null);
    }
    return key;
  }
}
