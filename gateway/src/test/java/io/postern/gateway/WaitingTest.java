package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.postern.gateway.Waiting.NotYetException;
import io.postern.gateway.Waiting.StoppedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(30)
class WaitingTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final Logger logger = (Logger) LoggerFactory.getLogger(Waiting.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void setUp() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void tearDown() {
    logger.detachAppender(log);
  }

  @Test
  void triesUntilItWorksAndSaysTheSameOnce() {
    AtomicInteger attempts = new AtomicInteger();

    String found = new Waiting(LONG).until(() -> there(attempts, 3, "no bucket"));

    assertThat(found).isEqualTo("found");
    assertThat(attempts).hasValue(3);
    assertThat(said()).containsExactly("waiting: no bucket");
  }

  @Test
  void saysWhatIsNewAtOnce() {
    AtomicInteger attempts = new AtomicInteger();

    new Waiting(LONG).until(() -> there(attempts, 3, "number " + attempts));

    assertThat(said()).containsExactly("waiting: number 0", "waiting: number 1");
  }

  @Test
  void repeatsTheLineAfterSomeTime() {
    AtomicInteger attempts = new AtomicInteger();

    new Waiting(Duration.ZERO).until(() -> there(attempts, 3, "no bucket"));

    assertThat(said()).containsExactly("waiting: no bucket", "waiting: no bucket");
  }

  private static String there(AtomicInteger attempts, int wanted, String otherwise)
      throws NotYetException {
    String message = otherwise;
    if (attempts.incrementAndGet() < wanted) {
      throw new NotYetException(message);
    }
    return "found";
  }

  private List<String> said() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void givesUpWhenPatienceHasEnded() {
    Waiting waiting = new Waiting(LONG, Duration.ZERO);

    assertThatThrownBy(
            () ->
                waiting.until(
                    () -> {
                      throw new NotYetException("no bucket");
                    }))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("no bucket");
  }

  @Test
  void stopsWhenItIsTold() throws Exception {
    Waiting waiting = new Waiting(LONG);
    CountDownLatch tried = new CountDownLatch(1);
    CompletableFuture<Object> never =
        CompletableFuture.supplyAsync(
            () ->
                waiting.until(
                    () -> {
                      tried.countDown();
                      throw new NotYetException("nothing");
                    }));
    assertThat(tried.await(20, TimeUnit.SECONDS)).isTrue();
    waiting.stop();

    assertThatThrownBy(never::join).hasCauseInstanceOf(StoppedException.class);
    assertThatThrownBy(() -> waiting.until(() -> "there")).isInstanceOf(StoppedException.class);
  }
}
