package io.postern.gateway;

import static io.postern.gateway.LoopbackServer.say;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;

/**
 * A POP3 server behind a proxy under test: always the same messages, of which {@code n} has the
 * unique id {@code uid-n}; tells of every step before and after it.
 */
final class RealMaildrop implements AutoCloseable {
  private final List<String> messages;
  private final Consumer<String> steps;
  private final LoopbackServer server;

  /**
   * @param messages lines with CRLF, none of which begins with a dot
   * @param steps hears of every step
   */
  RealMaildrop(List<String> messages, Consumer<String> steps) throws IOException {
    this.messages = messages;
    this.steps = steps;
    this.server = new LoopbackServer(this::talk);
  }

  int port() {
    return server.port();
  }

  private void talk(BufferedReader in, OutputStream out) throws IOException {
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

  @Override
  public void close() throws IOException {
    server.close();
  }
}
