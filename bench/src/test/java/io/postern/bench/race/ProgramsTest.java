package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgramsTest {
  private static final List<String> ENDLESS = List.of("sleep", "86400");
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @Test
  void a_program_ends_with_whoever_waits_for_it() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread waiting = new Thread(() -> failure.complete(failureOf(ENDLESS)));
    waiting.start();
    ProcessHandle program = started(ENDLESS, failure);
    waiting.interrupt();
    assertThat(failure.get(1, TimeUnit.MINUTES)).isInstanceOf(RaceException.class);
    assertThat(program.onExit().get(1, TimeUnit.MINUTES).isAlive()).isFalse();
  }

  @Test
  void what_a_program_says_and_how_it_ends_is_told() {
    Programs.Result result =
        Programs.run(PATIENCE, List.of("sh", "-c", "echo one; echo two >&2; exit 3"));
    assertThat(result).isEqualTo(new Programs.Result(3, "one\n", "two\n"));
    assertThatThrownBy(() -> Programs.run(PATIENCE, List.of("/nowhere/at/all")))
        .isInstanceOf(RaceException.class)
        .hasMessageStartingWith("cannot run /nowhere/at/all: ");
  }

  private static Throwable failureOf(List<String> command) {
    try {
      Programs.run(PATIENCE, command);
      return null;
    } catch (RaceException e) {
      return e;
    }
  }

  private static ProcessHandle started(List<String> command, CompletableFuture<Throwable> failure) {
    while (true) {
      assertThat(failure).isNotDone();
      Optional<ProcessHandle> found =
          ProcessHandle.current()
              .children()
              .filter(child -> child.info().commandLine().orElse("").endsWith(command.get(1)))
              .findAny();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.onSpinWait();
    }
  }
}
