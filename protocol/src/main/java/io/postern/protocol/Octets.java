package io.postern.protocol;

/** Takes octets as they become ready. */
@FunctionalInterface
public interface Octets {
  /** The array is the caller's: copy what is to be kept beyond the call. */
  void write(byte[] octets, int offset, int length);
}
