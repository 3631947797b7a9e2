package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** BDAT (RFC 3030, section 2). */
record ChunkHeader(long sizeBytes, boolean last) {
  /** Null where it is malformed. */
  static ChunkHeader parse(byte[] command) {
    String[] words = new String(command, ISO_8859_1).trim().split(" +");
    boolean last = words.length == 3 && words[2].equalsIgnoreCase("LAST");
    boolean wellFormed = (words.length == 2 || last) && words[1].matches("[0-9]{1,18}");
    return wellFormed ? new ChunkHeader(Long.parseLong(words[1]), last) : null;
  }
}
