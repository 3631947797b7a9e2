package io.postern.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A POP3 server behind a proxy under test: always the same messages, of which {@code n} has the
 * unique id {@code uid-n}; tells of every step before and after it.
 */
final class RealMaildrop implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> messages;
  private final Consumer<String> steps;

  /**
   * @param messages lines with CRLF, none of which begins with a dot
   * @param steps hears of every step
   */
  RealMaildrop(List<String> messages, Consumer<String> steps) throws IOException {
    this.messages = messages;
    this.steps = steps;
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
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
      OutputStream out = client.getOutputStream();
      say(out, "+OK real.example\r\n");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        steps.accept("server got " + words[0]);
        switch (words[0]) {
          case "STAT" -> say(out, "+OK " + messages.size() + " 1\r\n");
          case "UIDL" -> say(out, "+OK " + words[1] + " uid-" + words[1] + "\r\n");
          case "RETR" -> retrieve(out, messages.get(Integer.parseInt(words[1]) - 1));
          case "QUIT" -> {
            say(out, "+OK bye\r\n");
            return;
          }
          default -> say(out, "+OK\r\n");
        }
        steps.accept("server answered " + words[0]);
      }
    } catch (IOException e) {
      // The kill ends every conversation.
    }
  }

  private void retrieve(OutputStream out, String message) throws IOException {
    int half = message.length() / 2;
    say(out, "+OK\r\n");
    steps.accept("server sent the status");
    say(out, message.substring(0, half));
    steps.accept("server sent half");
    say(out, message.substring(half));
    steps.accept("server sent the text");
    say(out, ".\r\n");
    steps.accept("server sent the dot");
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
