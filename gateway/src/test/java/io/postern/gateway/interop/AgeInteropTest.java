package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A lost Postern never means lost mail: the stock age tool and the password open what is stored.
 */
@Tag("interop")
class AgeInteropTest {
  /** Types the password where age asks for it: at a terminal and nowhere else. */
  private static final String AT_A_TERMINAL =
      """
      import os, pty, sys
      password, command = sys.argv[1], sys.argv[2:]
      pid, terminal = pty.fork()
      if pid == 0:
          os.execvp(command[0], command)
      said = b""
      try:
          while b"passphrase" not in said:
              said += os.read(terminal, 1024)
          os.write(terminal, password.encode() + b"\\n")
          while True:
              said += os.read(terminal, 1024)
      except OSError:
          pass
      sys.stdout.buffer.write(said)
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """;

  @RegisterExtension static final RunningPostern postern = new RunningPostern();

  @TempDir Path home;

  @Test
  void opensAStoredMessageWithTheMailboxesPassword() throws Exception {
    Program.require("age", "python3");
    Account account = postern.newMailbox(true);
    byte[] letter = Letters.large(200_000);
    postern.deliver(account, List.of(letter));

    Path opened = home.resolve("opened");
    age(account, account.password(), opened).expectSuccess();
    Letters.assertEndsWith(Files.readAllBytes(opened), letter);

    Path refused = home.resolve("refused");
    assertThat(age(account, "wrong", refused).exitCode()).isNotZero();
    assertThat(refused).doesNotExist();
  }

  private Program.Result age(Account account, String password, Path output) throws Exception {
    return new Program(home)
        .run(
            AT_A_TERMINAL.getBytes(UTF_8),
            "python3",
            "-",
            password,
            "age",
            "-d",
            "-i",
            postern.folder(account).resolve("identity.age").toString(),
            "-o",
            output.toString(),
            onlyMessage(account).toString());
  }

  private static Path onlyMessage(Account account) throws Exception {
    try (Stream<Path> mail = Files.list(postern.folder(account).resolve("mail"))) {
      return mail.toList().get(0);
    }
  }
}
