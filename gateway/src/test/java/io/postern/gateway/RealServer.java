package io.postern.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mail server behind a proxy under test: takes some messages and refuses others, knows which, and
 * tells of every step before and after it.
 */
final class RealServer implements AutoCloseable {
  private static final Pattern DIGEST = Pattern.compile("^X-Digest: ([0-9a-f]{64})$");

  final Set<String> accepted = ConcurrentHashMap.newKeySet();
  final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Random dice;
  private final Consumer<String> steps;
  private final LoopbackServer server;

  /**
   * @param steps hears of every step
   */
  RealServer(long seed, Consumer<String> steps) throws IOException {
    this.dice = new Random(seed);
    this.steps = steps;
    this.server = new LoopbackServer(this::talk);
  }

  int port() {
    return server.port();
  }

  private void talk(BufferedReader in, OutputStream out) throws IOException {
    say(out, "220 real.example");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String verb = line.substring(0, Math.min(4, line.length()));
      steps.accept("server got " + verb);
      switch (verb) {
        case "EHLO" -> say(out, "250-real.example\r\n250 PIPELINING");
        case "DATA" -> {
          say(out, "354 go on");
          say(out, decide(in));
        }
        case "QUIT" -> {
          say(out, "221 bye");
          return;
        }
        default -> say(out, "250 ok");
      }
      steps.accept("server answered " + verb);
    }
  }

  /** Only a message that came whole, with its final dot, is decided. */
  private String decide(BufferedReader in) throws IOException {
    String digest = null;
    String line = in.readLine();
    for (int number = 0; line != null && !line.equals("."); line = in.readLine()) {
      Matcher header = DIGEST.matcher(line);
      digest = header.matches() ? header.group(1) : digest;
      if (number++ == 5) {
        steps.accept("server got some lines");
      }
    }
    if (line == null) {
      throw new IOException("no final dot");
    }
    steps.accept("server got the dot");
    boolean take;
    synchronized (dice) {
      take = dice.nextInt(3) > 0;
    }
    (take ? accepted : refused).add(digest);
    steps.accept("server has decided");
    return take ? "250 taken" : "554 refused";
  }

  private static void say(OutputStream out, String reply) throws IOException {
    LoopbackServer.say(out, reply + "\r\n");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
