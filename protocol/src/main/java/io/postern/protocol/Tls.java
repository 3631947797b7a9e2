package io.postern.protocol;

/**
 * How a connection is protected.
 *
 * @param version for example {@code TLSv1.3}, or empty where the connection is in clear
 * @param cipher for example {@code TLS_AES_256_GCM_SHA384}, or empty
 */
public record Tls(String version, String cipher) {
  public static final Tls NONE = new Tls("", "");

  public boolean on() {
    return !version.isEmpty();
  }
}
