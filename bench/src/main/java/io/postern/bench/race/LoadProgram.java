package io.postern.bench.race;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The load program that drives either server over the wire and verifies every octet that comes
 * back. Made from its source where it stands.
 */
final class LoadProgram {
  private static final Duration COMPILE_PATIENCE = Duration.ofMinutes(1);
  private static final Duration RUN_PATIENCE = Duration.ofMinutes(10);
  private static final JsonMapper JSON = new JsonMapper();

  private final Path binary;
  private final SettledMachine machine;

  private LoadProgram(Path binary, SettledMachine machine) {
    this.binary = binary;
    this.machine = machine;
  }

  /**
   * Compiles it.
   *
   * @param shared the directory that holds {@code load}
   * @param directory where the program goes
   */
  static LoadProgram compile(Path shared, Path directory) {
    Path source = shared.resolve("load/mailload.c");
    if (!Files.isReadable(source)) {
      throw new RaceException("the load program is missing: no " + source + "; see --race");
    }
    if (!Programs.present("cc")) {
      throw new RaceException("the load program needs a C compiler: apt-get install gcc libc6-dev");
    }
    Path binary = directory.resolve("mailload");
    List<String> compile = List.of("cc", "-O2", "-pthread", "-o", binary.toString());
    List<String> command = new ArrayList<>(compile);
    command.addAll(List.of(source.toString(), "-lssl", "-lcrypto", "-lm"));
    Programs.Result result = Programs.run(COMPILE_PATIENCE, command);
    if (result.exitCode() != 0) {
      throw new RaceException(
          "the load program does not compile (apt-get install libssl-dev?): " + result.lastLine());
    }
    return new LoadProgram(binary, new SettledMachine(directory));
  }

  /**
   * Sends, waits until all is visible, fetches, verifies and deletes.
   *
   * @throws RaceException where anything was lost, refused, changed or twice
   */
  JsonNode run(Contender contender, Work work) {
    return run(contender, work, List.of());
  }

  /**
   * The same in another way.
   *
   * @param further options of the load program
   */
  JsonNode run(Contender contender, Work work, List<String> further) {
    settle();
    return runSettled(contender, work, further);
  }

  /** Leaves nothing to be written and no memory untouched, so that it is in nobody's figures. */
  void settle() {
    machine.settle();
  }

  /** A run right after {@link #settle}. */
  JsonNode runSettled(Contender contender, Work work, List<String> further) {
    List<String> options =
        List.of(
            "--smtp",
            contender.smtp(),
            "--smtp-tls",
            contender.starttls() ? "starttls" : "none",
            "--domain",
            Mailboxes.DOMAIN,
            "--mix",
            work.mix(),
            "--count",
            Integer.toString(work.messages()),
            "--conns",
            Integer.toString(work.connections()),
            "--users",
            Integer.toString(work.mailboxes()));
    return call(contender, "run", Stream.concat(options.stream(), further.stream()).toList());
  }

  /** Logs in to one mailbox, again and again, one session after the other. */
  JsonNode logins(Contender contender, int mailbox, int count) {
    return call(
        contender,
        "login",
        List.of("--first", Integer.toString(mailbox), "--count", Integer.toString(count)));
  }

  /** Looks at all of one mailbox in one session: STAT, LIST, UIDL and TOP n 0, one by one. */
  JsonNode scan(Contender contender, int mailbox) {
    return call(contender, "scan", List.of("--first", Integer.toString(mailbox), "--rounds", "1"));
  }

  /** Deletes all mail of the first mailboxes. */
  JsonNode drain(Contender contender, int mailboxes) {
    return call(
        contender, "drain", List.of("--users", Integer.toString(mailboxes), "--conns", "8"));
  }

  private JsonNode call(Contender contender, String verb, List<String> options) {
    List<String> command = new ArrayList<>(List.of(binary.toString(), verb));
    command.addAll(options);
    if (contender.pop3() != null) {
      command.addAll(
          List.of("--pop3", contender.pop3(), "--pop3-tls", "stls", "--login", contender.login()));
    }
    command.addAll(List.of("--pids", contender.pids(), "--label", contender.name()));
    Programs.Result result = Programs.run(RUN_PATIENCE, command);
    if (result.exitCode() != 0) {
      throw new RaceException(contender.name() + ": " + complaint(result));
    }
    return parse(result.output());
  }

  private static String complaint(Programs.Result result) {
    if (!result.output().startsWith("{")) {
      return result.lastLine();
    }
    JsonNode run = parse(result.output());
    return "%d messages refused (%s), %d POP3 errors, verified %s, all visible: %s"
        .formatted(
            run.at("/send_errors").asInt(),
            run.at("/first_error").asText(),
            run.at("/pop_errors").asInt(),
            run.at("/verify"),
            run.at("/available/complete").asText());
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new RaceException("the load program printed no JSON: " + e.getOriginalMessage(), e);
    }
  }
}
