package io.postern.gateway;

import io.postern.age.Ciphers;
import io.postern.gateway.ServiceCommand.CryptoWorkerService;
import io.postern.gateway.ServiceCommand.IngestService;
import io.postern.gateway.ServiceCommand.Pop3FrontendService;
import io.postern.gateway.ServiceCommand.ProxyService;
import io.postern.gateway.ServiceCommand.StoreWorkerService;
import io.postern.gateway.age.AgeCommand;
import io.postern.gateway.config.SettingsException;
import io.postern.gateway.demo.DemoCommand;
import io.postern.gateway.recovery.AuditCommand;
import io.postern.gateway.recovery.DeadCommand;
import io.postern.gateway.recovery.ExportCommand;
import io.postern.gateway.recovery.RecoverCommand;
import io.postern.gateway.recovery.ReplayCommand;
import io.postern.gateway.recovery.TraceCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The {@code postern} command. Exit codes: 0 done, 1 failed, 2 wrong usage. */
public final class Postern {
  /** Each is made when it is called: to make all takes a third of a short command's time. */
  private static final Map<String, Supplier<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("demo", () -> DemoCommand.class);
    COMMANDS.put("run", RunCommand::spec);
    COMMANDS.put("setup", () -> SetupCommand.class);
    COMMANDS.put("doctor", () -> DoctorCommand.class);
    COMMANDS.put("ingest", () -> new IngestService().spec());
    COMMANDS.put("crypto-worker", () -> new CryptoWorkerService().spec());
    COMMANDS.put("store-worker", () -> new StoreWorkerService().spec());
    COMMANDS.put("pop3-frontend", () -> new Pop3FrontendService().spec());
    COMMANDS.put("proxy", () -> new ProxyService().spec());
    COMMANDS.put("mailbox", () -> MailboxCommand.class);
    COMMANDS.put("audit", () -> AuditCommand.class);
    COMMANDS.put("trace", () -> TraceCommand.class);
    COMMANDS.put("replay", () -> ReplayCommand.class);
    COMMANDS.put("dead", () -> DeadCommand.class);
    COMMANDS.put("recover", () -> RecoverCommand.class);
    COMMANDS.put("export", () -> ExportCommand.class);
    COMMANDS.put(AgeCommand.NAME, () -> new AgeCommand().spec());
    COMMANDS.put("test", () -> TestCommand.class);
    COMMANDS.put("bench", () -> BenchCommand.class);
  }

  private Postern() {}

  public static void main(String[] args) {
    String command = args.length > 0 ? args[0] : "";
    if (command.equals(AgeCommand.NAME)) {
      Ciphers.forShortProcess(); // First: to make the command line takes as long as to load them.
    }
    System.exit(
        (COMMANDS.containsKey(command) ? commandLine(command) : commandLine()).execute(args));
  }

  /** The command with all its subcommands; failures become one line on standard error. */
  public static CommandLine commandLine() {
    return commandLine(COMMANDS.keySet());
  }

  /** With that one only. */
  static CommandLine commandLine(String name) {
    return commandLine(Set.of(name));
  }

  private static CommandLine commandLine(Set<String> names) {
    CommandSpec postern = CommandSpec.create().name("postern");
    postern.scopeType(CommandLine.ScopeType.INHERIT).versionProvider(new Version());
    postern
        .usageMessage()
        .description("A mail gateway for archives: SMTP in, sealed at rest, POP3 out.")
        .synopsisSubcommandLabel("COMMAND");
    postern.addOption(
        forAll("Show this help message and exit.", "-h", "--help").usageHelp(true).build());
    postern.addOption(
        forAll("Print version information and exit.", "-V", "--version").versionHelp(true).build());
    CommandLine line = new CommandLine(postern);
    names.forEach(name -> line.addSubcommand(name, COMMANDS.get(name).get()));
    return explaining(line);
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
