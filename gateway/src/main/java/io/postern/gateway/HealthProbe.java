package io.postern.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Asks the health port of this machine whether the process behind it is ready; exit code 0 where it
 * is. A container's health check: alone and without a library, so that it starts in no time.
 */
public final class HealthProbe {
  private static final int TIMEOUT_MS = 3_000;

  private HealthProbe() {}

  public static void main(String[] args) {
    System.exit(isReady(port(System.getenv())) ? 0 : 1);
  }

  private static int port(Map<String, String> environment) {
    return Integer.parseInt(environment.getOrDefault("POSTERN_HEALTH_PORT", "9464"));
  }

  static boolean isReady(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      OutputStream out = socket.getOutputStream();
      out.write("GET /health/ready HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      InputStream in = socket.getInputStream();
      String status = new String(in.readNBytes("HTTP/1.0 200".length()), StandardCharsets.US_ASCII);
      return status.startsWith("HTTP/1.") && status.endsWith(" 200");
    } catch (IOException e) {
      return false;
    }
  }
}
