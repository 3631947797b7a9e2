package io.postern.maildrop;

import java.util.regex.Pattern;

/** Which keys every store can hold: a path that means the same in a directory and in a bucket. */
final class ObjectKeys {
  private static final int MAX_LENGTH = 512;
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}";
  private static final Pattern KEY = Pattern.compile(NAME + "(/" + NAME + ")*");

  private ObjectKeys() {}

  /** No name starts with a dot, so no valid key leads outside of the store or to hidden files. */
  static boolean valid(String key) {
    return key.length() <= MAX_LENGTH && KEY.matcher(key).matches();
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
