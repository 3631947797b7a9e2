package io.postern.gateway;

import io.postern.age.Ciphers;
import io.postern.gateway.age.AgeCommand;
import io.postern.gateway.config.SettingsException;
import io.postern.gateway.demo.DemoCommand;
import io.postern.gateway.recovery.AuditCommand;
import io.postern.gateway.recovery.DeadCommand;
import io.postern.gateway.recovery.ExportCommand;
import io.postern.gateway.recovery.RecoverCommand;
import io.postern.gateway.recovery.ReplayCommand;
import io.postern.gateway.recovery.TraceCommand;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code postern} command. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "postern",
    description = "A mail gateway for archives: SMTP in, sealed at rest, POP3 out.",
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    versionProvider = Postern.Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Postern {
  private Postern() {}

  public static void main(String[] args) {
    boolean age = args.length > 0 && args[0].equals("age");
    if (age) {
      Ciphers.forShortProcess(); // First: to make the command line takes as long as to load them.
    }
    // Not looked for among all, which would load their classes: the age command's archive has none.
    List<Class<?>> commands = age ? List.of(AgeCommand.class) : named(args);
    System.exit(commandLine(commands).execute(args));
  }

  /** The command with all its subcommands; failures become one line on standard error. */
  public static CommandLine commandLine() {
    return commandLine(all());
  }

  private static List<Class<?>> all() {
    return List.of(
        DemoCommand.class,
        RunCommand.class,
        SetupCommand.class,
        DoctorCommand.class,
        ServiceCommand.IngestService.class,
        ServiceCommand.CryptoWorkerService.class,
        ServiceCommand.StoreWorkerService.class,
        ServiceCommand.Pop3FrontendService.class,
        ServiceCommand.ProxyService.class,
        MailboxCommand.class,
        AuditCommand.class,
        TraceCommand.class,
        ReplayCommand.class,
        DeadCommand.class,
        RecoverCommand.class,
        ExportCommand.class,
        AgeCommand.class,
        TestCommand.class,
        BenchCommand.class);
  }

  /**
   * The command that is wanted, since making all takes a third of a short command's time; or all.
   */
  private static List<Class<?>> named(String... args) {
    List<Class<?>> named =
        all().stream().filter(c -> args.length > 0 && name(c).equals(args[0])).toList();
    return named.isEmpty() ? all() : named;
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine postern = new CommandLine(new Postern());
    commands.forEach(command -> postern.addSubcommand(name(command), command));
    postern.setCaseInsensitiveEnumValuesAllowed(true);
    postern.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("postern: " + explain(failure));
          // Made here: a command that only prints something needs no logging.
          LoggerFactory.getLogger(Postern.class).debug("failed", failure);
          return CommandLine.ExitCode.SOFTWARE;
        });
    return postern;
  }

  private static String explain(Exception failure) {
    boolean ours = failure instanceof SettingsException || failure instanceof CommandFailure;
    return ours || failure.getMessage() != null
        ? failure.getMessage()
        : failure.getClass().getSimpleName();
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Postern.class.getPackage().getImplementationVersion();
      return new String[] {
        "postern "
            + (version == null ? "(unpackaged)" : version)
            + ", Java "
            + Runtime.version().feature()
      };
    }
  }
}
