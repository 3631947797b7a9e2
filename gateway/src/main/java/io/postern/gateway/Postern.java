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
import java.util.Optional;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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
    CommandLine postern;
    if (args.length > 0 && args[0].equals(AgeCommand.NAME)) {
      Ciphers.forShortProcess(); // First: to make the command line takes as long as to load them.
      postern = age();
    } else {
      postern = named(args).map(Postern::only).orElseGet(Postern::commandLine);
    }
    System.exit(postern.execute(args));
  }

  /** The command with all its subcommands; failures become one line on standard error. */
  public static CommandLine commandLine() {
    CommandLine postern = new CommandLine(new Postern());
    all().forEach(command -> postern.addSubcommand(name(command), command));
    postern.addSubcommand(AgeCommand.NAME, new AgeCommand().spec());
    return explaining(postern);
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
        TestCommand.class,
        BenchCommand.class);
  }

  private static Optional<Class<?>> named(String... args) {
    return all().stream().filter(c -> args.length > 0 && name(c).equals(args[0])).findFirst();
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  /** One command: to make all takes a third of a short command's time. */
  private static CommandLine only(Class<?> command) {
    CommandLine postern = new CommandLine(new Postern());
    postern.addSubcommand(name(command), command);
    return explaining(postern);
  }

  /**
   * The age command alone, and what annotations give to all others: to read those and to look for
   * it among the others' classes would take a third of its start.
   */
  private static CommandLine age() {
    CommandSpec postern = CommandSpec.create().name("postern");
    postern.scopeType(CommandLine.ScopeType.INHERIT).versionProvider(new Version());
    postern.addOption(
        forAll("Show this help message and exit.", "-h", "--help").usageHelp(true).build());
    postern.addOption(
        forAll("Print version information and exit.", "-V", "--version").versionHelp(true).build());
    postern.addSubcommand(AgeCommand.NAME, new AgeCommand().spec());
    return explaining(new CommandLine(postern));
  }

  private static OptionSpec.Builder forAll(String description, String... names) {
    return OptionSpec.builder(names)
        .scopeType(CommandLine.ScopeType.INHERIT)
        .description(description);
  }

  private static CommandLine explaining(CommandLine postern) {
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
