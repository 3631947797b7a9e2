package io.postern.gateway.container;

import io.postern.gateway.client.Pop3Reader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** A mailbox as its archiver sees it, who comes again when a session breaks. */
final class Mailbox {
  private static final int TRIES = 60;
  private static final long PAUSE_MS = 1_000;

  private final String address;
  private final String password;
  private final Supplier<List<Integer>> ports;
  private final SSLContext trust;

  /**
   * @param ports where pop3-frontends listen for TLS now
   */
  Mailbox(String address, String password, Supplier<List<Integer>> ports, SSLContext trust) {
    this.address = address;
    this.password = password;
    this.ports = ports;
    this.trust = trust;
  }

  String address() {
    return address;
  }

  private interface Session<T> {
    T with(Pop3Reader reader) throws IOException;
  }

  /** How many messages are there. */
  int count() {
    return session(Pop3Reader::count);
  }

  /** All messages by unique id; those of earlier sessions that broke are not fetched twice. */
  Map<String, Mail.Digest> fetch() {
    Map<String, Mail.Digest> fetched = new TreeMap<>();
    session(
        reader -> {
          int count = reader.count();
          for (int number = 1; number <= count; number++) {
            String uid = reader.uid(number);
            if (!fetched.containsKey(uid)) {
              fetched.put(uid, Mail.stored(reader.retrieve(number)).digest());
            }
          }
          return count;
        });
    return fetched;
  }

  /** What stands in front of the first message. */
  String traceHeaders() {
    return session(
        reader -> {
          byte[] stored = reader.retrieve(1);
          int own = stored.length - Mail.stored(stored).octets().length;
          return new String(stored, 0, own, StandardCharsets.UTF_8);
        });
  }

  /** Deletes the messages with these unique ids. */
  void delete(List<String> uids) {
    session(
        reader -> {
          int count = reader.count();
          for (int number = 1; number <= count; number++) {
            if (uids.contains(reader.uid(number))) {
              reader.delete(number);
            }
          }
          return count;
        });
  }

  private <T> T session(Session<T> session) {
    IOException last = null;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      List<Integer> now = ports.get();
      if (!now.isEmpty()) {
        try (Pop3Reader reader = new Pop3Reader(now.get(attempt % now.size()), trust)) {
          if (!reader.login(address, password)) {
            throw new IOException("the login was refused");
          }
          return session.with(reader);
        } catch (IOException e) {
          last = e;
        }
      }
      Stack.pause(PAUSE_MS);
    }
    throw new IllegalStateException(address + " cannot be read", last);
  }
}
