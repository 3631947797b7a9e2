package io.postern.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Takes connections on loopback, each on a thread of its own, until it is closed. */
final class LoopbackServer implements AutoCloseable {
  /** What is said on a connection, which ends with it. */
  interface Conversation {
    void hold(BufferedReader in, OutputStream out) throws IOException;
  }

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Conversation conversation;

  LoopbackServer(Conversation conversation) throws IOException {
    this.conversation = conversation;
    threads.execute(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        threads.execute(() -> talk(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void talk(Socket client) {
    try (client) {
      conversation.hold(
          new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1)),
          client.getOutputStream());
    } catch (IOException e) {
      // The kill ends every conversation.
    }
  }

  static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
