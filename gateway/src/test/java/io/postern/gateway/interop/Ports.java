package io.postern.gateway.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.awaitility.Awaitility;

/** Ports of this machine, for servers that must be told theirs. */
final class Ports {
  private Ports() {}

  /** One on which nobody listens now. */
  static int free() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** Waits until somebody listens on each. */
  static void awaitListening(int... ports) {
    Awaitility.await().ignoreExceptions().until(() -> listen(ports));
  }

  private static boolean listen(int... ports) throws IOException {
    for (int port : ports) {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
    }
    return true;
  }
}
