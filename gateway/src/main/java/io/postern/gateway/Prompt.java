package io.postern.gateway;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where secrets come from: a terminal without echo, or lines on standard input. Never an argument.
 */
public abstract class Prompt {
  private static final int MAX_BYTES = 4096;

  /** Asks once. The caller wipes the answer. */
  public abstract byte[] secret(String what);

  /** Asks for a secret that nobody knows yet: a terminal is asked twice. */
  public abstract byte[] newSecret(String what);

  /**
   * The terminal.
   *
   * @param otherwise what to do where there is none, for the message
   */
  public static Prompt fromTerminal(String otherwise) {
    Console console = System.console();
    if (console == null) {
      throw new CommandFailure("there is no terminal to ask on: " + otherwise);
    }
    return new Terminal(console);
  }

  /** Standard input, one line each. */
  public static Prompt fromStandardInput() {
    return new StandardInput(System.in);
  }

  private static final class Terminal extends Prompt {
    private final Console console;

    Terminal(Console console) {
      this.console = console;
    }

    @Override
    public byte[] secret(String what) {
      char[] typed = console.readPassword("%s: ", what);
      if (typed == null) {
        throw new CommandFailure("no " + what + " was given");
      }
      ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(typed));
      byte[] secret = Arrays.copyOf(encoded.array(), encoded.limit());
      Arrays.fill(encoded.array(), (byte) 0);
      Arrays.fill(typed, '\0');
      return secret;
    }

    @Override
    public byte[] newSecret(String what) {
      byte[] first = secret(what);
      byte[] again = secret(what + " again");
      boolean same = Arrays.equals(first, again);
      Arrays.fill(again, (byte) 0);
      if (!same) {
        Arrays.fill(first, (byte) 0);
        throw new CommandFailure("the two differ");
      }
      return first;
    }
  }

  private static final class StandardInput extends Prompt {
    private final InputStream in;

    StandardInput(InputStream in) {
      this.in = in;
    }

    @Override
    public byte[] secret(String what) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      try {
        for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
          line.write(octet);
          if (line.size() > MAX_BYTES) {
            throw new CommandFailure(
                "the " + what + " on standard input is longer than " + MAX_BYTES + " octets");
          }
        }
      } catch (IOException e) {
        throw new CommandFailure("cannot read the " + what + " from standard input", e);
      }
      byte[] octets = line.toByteArray();
      boolean carriage = octets.length > 0 && octets[octets.length - 1] == '\r';
      return carriage ? Arrays.copyOf(octets, octets.length - 1) : octets;
    }

    @Override
    public byte[] newSecret(String what) {
      return secret(what);
    }
  }
}
