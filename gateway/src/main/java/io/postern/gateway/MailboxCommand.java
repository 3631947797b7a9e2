package io.postern.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.postern.age.Identity;
import io.postern.gateway.age.IdentityRing;
import io.postern.gateway.cli.SettingsOptions;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.MailboxException;
import io.postern.mailbox.Mailboxes;
import io.postern.mailbox.Passwords;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern mailbox}: makes and changes mailboxes, whether Postern runs or not. */
@Command(description = "Makes and changes mailboxes.", synopsisSubcommandLabel = "COMMAND")
final class MailboxCommand {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int VIEW_TIMEOUT_S = 30;

  @Spec private CommandSpec spec;

  private final SecureRandom random = new SecureRandom();

  /** What every subcommand takes. */
  static final class Common {
    @Mixin private SettingsOptions settings;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;
  }

  /** Where passwords come from. */
  static final class PasswordOption {
    @Option(
        names = "--password-stdin",
        description = "Take the password from standard input, one line each.")
    private boolean stdin;

    private Prompt prompt() {
      return stdin ? Prompt.fromStandardInput() : Prompt.fromTerminal("use --password-stdin");
    }
  }

  /** Work on the mailboxes of a site. */
  private interface Work<T> {
    T on(Mailboxes mailboxes, KafkaDirectory directory) throws MailboxException;
  }

  @Command(
      description =
          "Makes a mailbox. Without --password-stdin the generated password is printed alone on the last line: it is kept nowhere.")
  int create(
      @Mixin Common common,
      @Mixin PasswordOption password,
      @Option(
              names = "--classic",
              description =
                  "X25519 keys, which older age tools read, instead of hybrid post-quantum ones.")
          boolean classic,
      @Parameters(paramLabel = "ADDRESS") String address) {
    byte[] secret =
        password.stdin ? Prompt.fromStandardInput().secret("password") : Passwords.generate(random);
    try {
      Mailbox mailbox =
          on(common, (mailboxes, directory) -> mailboxes.create(address, secret, classic));
      String shown = password.stdin ? null : new String(secret, StandardCharsets.US_ASCII);
      if (common.json) {
        Map<String, Object> created = new LinkedHashMap<>();
        created.put("id", mailbox.id());
        created.put("address", mailbox.address());
        if (shown != null) {
          created.put("password", shown);
        }
        print(json(created));
      } else {
        print("mailbox " + mailbox.address() + " (" + mailbox.id() + ")");
        if (shown != null) {
          print("its password, which is kept nowhere:");
          print(shown);
        }
      }
      return 0;
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  @Command(description = "Lists the mailboxes.")
  int list(@Mixin Common common) {
    List<Mailbox> all =
        on(common, (mailboxes, directory) -> directory.all()).stream()
            .sorted(Comparator.comparing(Mailbox::address))
            .toList();
    if (common.json) {
      print(json(all.stream().map(MailboxCommand::describe).toList()));
    } else {
      all.forEach(
          mailbox ->
              print("%s  %-9s  %s".formatted(mailbox.id(), state(mailbox), mailbox.address())));
    }
    return 0;
  }

  @Command(description = "Shows a mailbox.")
  int show(@Mixin Common common, @Parameters(paramLabel = "ADDRESS") String address) {
    Mailbox mailbox = on(common, (mailboxes, directory) -> find(directory, address));
    if (common.json) {
      print(json(describe(mailbox)));
    } else {
      describe(mailbox).forEach((name, value) -> print("%-9s  %s".formatted(name, value)));
    }
    return 0;
  }

  @Command(
      description = "Refuses new mail with a temporary error; what is there can still be pulled.")
  int suspend(@Mixin Common common, @Parameters(paramLabel = "ADDRESS") String address) {
    return changed(common, on(common, (mailboxes, directory) -> mailboxes.suspend(address)));
  }

  @Command(description = "Takes mail again.")
  int resume(@Mixin Common common, @Parameters(paramLabel = "ADDRESS") String address) {
    return changed(common, on(common, (mailboxes, directory) -> mailboxes.resume(address)));
  }

  @Command(
      description = "Changes the password: asks for the old and the new one. No mail is touched.")
  int passwd(
      @Mixin Common common,
      @Mixin PasswordOption password,
      @Parameters(paramLabel = "ADDRESS") String address) {
    Prompt prompt = password.prompt();
    byte[] old = prompt.secret("old password");
    byte[] fresh = prompt.newSecret("new password");
    try {
      Mailbox mailbox =
          on(
              common,
              (mailboxes, directory) -> {
                mailboxes.changePassword(address, old, fresh);
                return find(directory, address);
              });
      return changed(common, mailbox);
    } finally {
      Arrays.fill(old, (byte) 0);
      Arrays.fill(fresh, (byte) 0);
    }
  }

  @Command(
      header = "Sets a password where the old one is lost.",
      description =
          "Opens what was sealed for the organisation when the mailbox was made (the setting"
              + " recovery.recipient) with the recovery identity. No mail is touched.")
  int recover(
      @Mixin Common common,
      @Mixin PasswordOption password,
      @Option(
              names = {"-i", "--identity"},
              paramLabel = "FILE",
              required = true,
              description = "An age identity file, which may be sealed with a passphrase.")
          Path identityFile,
      @Parameters(paramLabel = "ADDRESS") String address) {
    List<Identity> identities = IdentityRing.ofFile(identityFile);
    byte[] fresh = password.prompt().newSecret("new password");
    try {
      Mailbox mailbox =
          on(
              common,
              (mailboxes, directory) -> {
                mailboxes.recover(address, identities, fresh);
                return find(directory, address);
              });
      return changed(common, mailbox);
    } finally {
      identities.forEach(Identity::wipe);
      Arrays.fill(fresh, (byte) 0);
    }
  }

  @Command(description = "Deletes a mailbox and with it what could open its mail.")
  int delete(
      @Mixin Common common,
      @Option(
              names = "--with-mail",
              description = "Also where there is mail in it, which is deleted too.")
          boolean withMail,
      @Parameters(paramLabel = "ADDRESS") String address) {
    Mailbox gone =
        on(
            common,
            (mailboxes, directory) -> {
              Mailbox mailbox = find(directory, address);
              mailboxes.delete(address, withMail);
              return mailbox;
            });
    print(
        common.json ? json(Map.of("id", gone.id(), "deleted", true)) : "deleted " + gone.address());
    return 0;
  }

  private int changed(Common common, Mailbox mailbox) {
    print(common.json ? json(describe(mailbox)) : mailbox.address() + " is " + state(mailbox));
    return 0;
  }

  private <T> T on(Common common, Work<T> work) {
    try (Site site = Site.visit(common.settings.read())) {
      KafkaDirectory directory = site.directory();
      directory
          .whenReady()
          .toCompletableFuture()
          .orTimeout(VIEW_TIMEOUT_S, TimeUnit.SECONDS)
          .join();
      return work.on(site.mailboxes(directory, random), directory);
    } catch (MailboxException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private static Mailbox find(KafkaDirectory directory, String address) {
    return directory
        .byLogin(address)
        .orElseThrow(() -> new CommandFailure("there is no mailbox " + address));
  }

  private static Map<String, Object> describe(Mailbox mailbox) {
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("id", mailbox.id());
    description.put("address", mailbox.address());
    description.put("state", state(mailbox));
    description.put("created", mailbox.created().toString());
    description.put("recipient", mailbox.recipient());
    return description;
  }

  private static String state(Mailbox mailbox) {
    return mailbox.state().name().toLowerCase(Locale.ROOT);
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
  }
}
