package io.postern.gateway.recovery;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Passphrase;
import io.postern.gateway.CommandFailure;
import io.postern.gateway.Prompt;
import io.postern.gateway.Site;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.Passwords;
import io.postern.mailbox.SealedIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code postern export}: a mailbox's mail as files that any mail program reads. */
@Command(
    header = "Writes a whole mailbox, opened with its password, as files for mail programs.",
    description = {
      "Opens every message of a mailbox and writes it to DIR, which is made where it is missing."
          + " WHAT LIES THERE AFTERWARDS IS PLAINTEXT: that is the purpose. Only its owner can read"
          + " the files; take care of where they are.",
      "maildir: DIR/new/…, one file a message, octet for octet as it was stored; run again, it goes"
          + " on where it broke off. mbox: DIR/ADDRESS.mbox in the form mboxrd, with LF line ends.",
      "Nothing is deleted from the mailbox. Exit code 1 where a message could not be exported."
    })
public final class ExportCommand implements Callable<Integer> {
  private static final int MAX_PASSWORD_FILE_BYTES = Passwords.MAX_BYTES + 2;

  @Mixin private RecoveryOptions options;

  @Parameters(index = "0", paramLabel = "ADDRESS")
  private String address;

  @Option(names = "--to", required = true, paramLabel = "FORM", description = "mbox or maildir.")
  private Form form;

  @Parameters(index = "1", paramLabel = "DIR")
  private Path directory;

  @ArgGroup private PasswordSource source = new PasswordSource();

  /** How mail lies in files. */
  enum Form {
    MBOX,
    MAILDIR
  }

  /** Where the password comes from; without either the terminal is asked. */
  static final class PasswordSource {
    @Option(
        names = "--password-stdin",
        description = "Take the password from standard input, one line.")
    private boolean stdin;

    @Option(
        names = "--password-file",
        paramLabel = "FILE",
        description = "Read the password from a file, less one line end at its end.")
    private Path file;

    byte[] read() {
      if (file != null) {
        return readFile();
      }
      return stdin
          ? Prompt.fromStandardInput().secret("password")
          : Prompt.fromTerminal("use --password-stdin or --password-file").secret("password");
    }

    private byte[] readFile() {
      try (var in = Files.newInputStream(file)) {
        byte[] octets = in.readNBytes(MAX_PASSWORD_FILE_BYTES + 1);
        int length = octets.length;
        if (length > MAX_PASSWORD_FILE_BYTES) {
          throw new CommandFailure(file + " is too long for a password");
        }
        if (length > 0 && octets[length - 1] == '\n') {
          length -= length > 1 && octets[length - 2] == '\r' ? 2 : 1;
        }
        byte[] password = Arrays.copyOf(octets, length);
        Arrays.fill(octets, (byte) 0);
        return password;
      } catch (IOException e) {
        throw new CommandFailure("cannot read the password from " + file, e);
      }
    }
  }

  @Override
  public Integer call() throws Exception {
    return options.visit(this::export);
  }

  private int export(Site site, KafkaDirectory mailboxes) throws IOException {
    Mailbox mailbox =
        mailboxes
            .byLogin(address)
            .orElseThrow(() -> new CommandFailure("there is no mailbox " + address));
    List<Identity> identities = unlock(mailboxes, mailbox);
    Report report = new Report(options, "failures");
    try (ExportTarget target = target(mailbox);
        Progress.Stretch progress = options.progress().begin("messages", -1)) {
      Export.Result result =
          new Export(
                  site.store(),
                  identities,
                  target,
                  (object, why) ->
                      report.item(object + ": " + why, Map.of("object", object, "text", why)))
              .run(mailbox.id(), progress);
      report.summary(lines(result), fields(result));
      return result.failed() == 0 ? 0 : 1;
    } finally {
      identities.forEach(Identity::wipe);
    }
  }

  private List<Identity> unlock(KafkaDirectory mailboxes, Mailbox mailbox) {
    byte[] sealed = mailboxes.identity(mailbox.id()).orElseThrow();
    byte[] password = source.read();
    try {
      return SealedIdentity.unlock(sealed, password, Passphrase.DEFAULT_MAX_LOG_N)
          .orElseThrow(() -> new CommandFailure("that is not the password of " + address));
    } catch (AgeException e) {
      throw new CommandFailure("the identity of " + address + ": " + e.getMessage(), e);
    } finally {
      Arrays.fill(password, (byte) 0);
    }
  }

  private ExportTarget target(Mailbox mailbox) throws IOException {
    return switch (form) {
      case MBOX -> new MboxTarget(directory, mailbox.address());
      case MAILDIR -> new MaildirTarget(directory, mailbox.id());
    };
  }

  private List<String> lines(Export.Result result) {
    return List.of(
        "%,d messages, %,d octets, written to %s in plaintext"
            .formatted(result.messages(), result.octets(), directory),
        "%,d were there already, %,d could not be exported"
            .formatted(result.thereAlready(), result.failed()));
  }

  private static Map<String, Object> fields(Export.Result result) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("messages", result.messages());
    fields.put("octets", result.octets());
    fields.put("thereAlready", result.thereAlready());
    fields.put("failed", result.failed());
    return fields;
  }
}
