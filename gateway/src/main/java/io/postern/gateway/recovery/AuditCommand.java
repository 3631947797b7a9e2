package io.postern.gateway.recovery;

import io.postern.pipeline.CopyTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern audit}. */
@Command(
    header = "Finds messages that are not where they should be.",
    description = {
      "Compares the ledger, the topics and the object store, and names every message that is neither"
          + " stored, nor deleted by its owner, nor on its way, nor a dead letter, and every object"
          + " that nobody knows. Changes nothing; may run beside everything else.",
      "Exit code 1 where something is amiss."
    })
public final class AuditCommand implements Callable<Integer> {
  @Mixin private RecoveryOptions options;

  @Option(
      names = "--deep",
      description =
          "Read all that the topic sealed still holds, and not only what waits there: finds"
              + " messages of which the ledger has lost every word.")
  private boolean deep;

  @Override
  public Integer call() throws Exception {
    return options.visit(
        (site, directory) -> {
          Report report = new Report(options, "findings");
          Audit audit =
              new Audit(
                  options.parts(site, directory),
                  deep,
                  options.progress(),
                  CopyTable.fittingLimit(),
                  finding -> report.item(finding.line(), finding));
          Audit.Result result = audit.run();
          report.summary(lines(result), fields(result));
          return result.amiss() == 0 ? 0 : 1;
        });
  }

  private static List<String> lines(Audit.Result result) {
    List<String> lines = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      if (result.count(verdict) > 0) {
        lines.add(
            "%-9s  %,9d  %s".formatted(verdict.word(), result.count(verdict), verdict.text()));
      }
    }
    lines.add(result.amiss() == 0 ? "nothing is amiss" : result.amiss() + " amiss");
    return lines;
  }

  private static Map<String, Object> fields(Audit.Result result) {
    Map<String, Object> copies = new LinkedHashMap<>();
    for (Verdict verdict : Verdict.values()) {
      copies.put(verdict.key(), result.count(verdict));
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("copies", copies);
    fields.put("passes", result.passes());
    fields.put("amiss", result.amiss());
    return fields;
  }
}
