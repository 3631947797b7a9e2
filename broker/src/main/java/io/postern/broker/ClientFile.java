package io.postern.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * How to reach the broker of a data directory: a client's settings in Kafka's own format, password
 * included, in a file that only its owner may read. It outlives the broker, so that the port and
 * the password stay the same, and lets another process of the same user connect.
 *
 * @param port on 127.0.0.1
 * @param password of {@link #USER}
 */
record ClientFile(int port, String password) {
  static final String USER = "postern";
  static final String NAME = "client.properties";

  static Optional<ClientFile> read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    String server = properties.getProperty("bootstrap.servers", "");
    String jaas = properties.getProperty("sasl.jaas.config", "");
    String mark = "password=\"";
    int start = jaas.indexOf(mark) + mark.length();
    int end = jaas.indexOf('"', start);
    if (start < mark.length() || end < 0 || !server.matches(".+:[0-9]{1,5}")) {
      throw new IOException(file + " is damaged: remove it to have it made anew");
    }
    int port = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
    return Optional.of(new ClientFile(port, jaas.substring(start, end)));
  }

  static String newPassword(SecureRandom random) {
    byte[] octets = new byte[24];
    random.nextBytes(octets);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  void write(Path directory) throws IOException {
    Properties properties = new Properties();
    toMap().forEach((key, value) -> properties.setProperty(key, value.toString()));
    Path draft =
        Files.createTempFile(
            directory,
            NAME,
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (Writer out = Files.newBufferedWriter(draft)) {
      properties.store(out, null);
    }
    Files.move(draft, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new HashMap<>();
    map.put("bootstrap.servers", "127.0.0.1:" + port);
    map.put("security.protocol", "SASL_PLAINTEXT");
    map.put("sasl.mechanism", "PLAIN");
    map.put("sasl.jaas.config", login() + ";");
    // As with the broker itself: nobody looks at beans.
    map.put("metric.reporters", "");
    map.put("batch.size", Integer.toString(BrokerSettings.BATCH_BYTES));
    return map;
  }

  /** The listener's side: the same login for connections between the broker's parts. */
  String serverJaas() {
    return login() + " user_" + USER + "=\"" + password + "\";";
  }

  private String login() {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + USER
        + "\" password=\""
        + password
        + "\"";
  }

  @Override
  public String toString() {
    return "127.0.0.1:" + port;
  }
}
