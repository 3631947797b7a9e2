package io.postern.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command says where it cannot measure. */
class BenchTest {
  private final StringWriter said = new StringWriter();

  @TempDir Path empty;

  @Test
  void without_the_load_program_one_line_says_so() {
    assertThat(bench("--race", empty.toString())).isEqualTo(1);
    assertThat(said.toString()).startsWith("postern: the load program is missing").hasLineCount(1);
  }

  @Test
  void unknown_work_is_refused_with_the_names_that_there_are() {
    assertThat(bench("--work", "5k")).isEqualTo(1);
    assertThat(said.toString()).contains("no work is called 5k", "4k-1", "mixed").hasLineCount(1);
  }

  @Test
  void a_benchmark_that_is_not_there_is_wrong_usage() {
    assertThat(bench("--micro", "NoSuchBenchmark")).isEqualTo(2);
    assertThat(said.toString()).contains("no benchmark matches NoSuchBenchmark");
  }

  @Test
  void no_pairs_are_wrong_usage() {
    assertThat(bench("--pairs", "0")).isEqualTo(2);
  }

  @Test
  void an_unknown_server_behind_the_proxy_is_wrong_usage() {
    assertThat(bench("--proxy=exchange")).isEqualTo(2);
    assertThat(said.toString()).contains("PEER", "SINK");
  }

  @Test
  void a_proxy_before_the_peer_needs_the_load_program_too() {
    assertThat(bench("--proxy", "--race", empty.toString())).isEqualTo(1);
    assertThat(said.toString()).startsWith("postern: the load program is missing").hasLineCount(1);
  }

  @Test
  void measurements_of_nothing_are_wrong_usage() {
    assertThat(bench("--slow-senders=0")).isEqualTo(2);
    assertThat(bench("--growth=" + empty, "--messages", "0")).isEqualTo(2);
    assertThat(bench("--growth=" + empty, "--mailboxes", "32")).isEqualTo(2);
    assertThat(bench("--growth=" + empty.resolve("nowhere"))).isEqualTo(2);
    assertThat(bench("--scan", "--messages", "0")).isEqualTo(2);
    assertThat(bench("--warm-up", "-1")).isEqualTo(2);
  }

  @Test
  void costs_of_parts_need_the_load_program_too() {
    assertThat(bench("--costs", "--race", empty.toString())).isEqualTo(1);
    assertThat(said.toString()).startsWith("postern: the load program is missing").hasLineCount(1);
  }

  @Test
  void latency_needs_the_load_program_too() {
    assertThat(bench("--latency", "--race", empty.toString())).isEqualTo(1);
    assertThat(said.toString()).startsWith("postern: the load program is missing").hasLineCount(1);
  }

  @Test
  void a_scan_needs_the_load_program_too() {
    assertThat(bench("--scan", "--race", empty.toString())).isEqualTo(1);
    assertThat(said.toString()).startsWith("postern: the load program is missing").hasLineCount(1);
  }

  private int bench(String... arguments) {
    CommandLine command = Bench.commandLine();
    command.setErr(new PrintWriter(said, true));
    return command.execute(arguments);
  }
}
