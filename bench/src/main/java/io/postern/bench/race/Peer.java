package io.postern.bench.race;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Postfix and Dovecot, set up, started and stopped by the scripts that stand beside the load. */
final class Peer implements Contender {
  private static final Duration SETUP_PATIENCE = Duration.ofMinutes(5);
  private static final Duration START_PATIENCE = Duration.ofMinutes(1);

  private final Path scripts;
  private final String pids;

  private Peer(Path scripts, String pids) {
    this.scripts = scripts;
    this.pids = pids;
  }

  /**
   * Starts it from an empty state.
   *
   * @param shared the directory that holds {@code peer}
   * @throws RaceException in one line what is missing
   */
  static Peer start(Path shared) {
    Path scripts = shared.resolve("peer");
    if (!Files.isExecutable(scripts.resolve("setup.sh"))) {
      throw new RaceException("the peer's scripts are missing: no " + scripts + "; see --race");
    }
    List<String> missing = missingPackages();
    if (!missing.isEmpty()) {
      throw new RaceException(
          "the peer needs Debian packages: apt-get install --no-install-recommends "
              + String.join(" ", missing));
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new RaceException("the peer starts as root only, as Postfix does");
    }
    run(scripts.resolve("setup.sh"), SETUP_PATIENCE);
    return startAgain(shared);
  }

  /** Starts it with the mail that it has. */
  static Peer startAgain(Path shared) {
    Path scripts = shared.resolve("peer");
    return new Peer(scripts, run(scripts.resolve("start.sh"), START_PATIENCE).strip());
  }

  private static List<String> missingPackages() {
    List<String> missing = new ArrayList<>();
    if (!Programs.present("postfix")) {
      missing.add("postfix");
    }
    if (!Programs.present("dovecot")) {
      missing.add("dovecot-core");
    }
    for (String service : List.of("lmtp", "pop3")) {
      if (!Files.exists(Path.of("/usr/lib/dovecot", service))) {
        missing.add("dovecot-" + service + "d");
      }
    }
    return missing;
  }

  private static String run(Path script, Duration patience) {
    Programs.Result result = Programs.run(patience, List.of(script.toString()));
    if (result.exitCode() != 0) {
      throw new RaceException(script + ": " + result.lastLine());
    }
    return result.output();
  }

  /** What it shows to those who ask for TLS. */
  static Path certificate() {
    return data().resolve(Path.of("etc", "tls.crt"));
  }

  /** Where it keeps the mail of {@code u<number>}. */
  Path maildir(int number) {
    return data().resolve(Path.of("mail", "u" + number, "maildir"));
  }

  private static Path data() {
    return Path.of(System.getenv().getOrDefault("PEER_DATA", "/tmp/peer"));
  }

  @Override
  public String name() {
    return "peer";
  }

  @Override
  public String smtp() {
    return "127.0.0.1:" + System.getenv().getOrDefault("PEER_SMTP_PORT", "12525");
  }

  @Override
  public String pop3() {
    return "127.0.0.1:" + System.getenv().getOrDefault("PEER_POP3_PORT", "12110");
  }

  @Override
  public String pids() {
    return pids;
  }

  @Override
  public String login() {
    return "u%d";
  }

  @Override
  public void close() {
    Thread.interrupted(); // Who was interrupted stops it, too.
    run(scripts.resolve("stop.sh"), START_PATIENCE);
  }
}
