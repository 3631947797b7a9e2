package io.postern.bench.race;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What many senders of large messages cost in memory, all of them amid DATA at the same time: each
 * is held until all have sent a part, then some finish and the others go away.
 */
public final class SlowSenders {
  private static final long MESSAGE_BYTES = 25_000_000;
  private static final long PART_BYTES = 1_000_000;
  private static final int BYTES_PER_SECOND = 32 * 1024;
  private static final String LARGEST = "25m-8";
  private static final int FINISHING = 8;
  private static final int MAX_OPENING = 50;
  private static final double MAX_RISE_MB = 200;

  /** Descriptors of a process for what are no senders: jars, the broker's files, objects. */
  private static final int OTHER_DESCRIPTORS = 1000;

  private static final long STACK_BYTES = 256 * 1024;
  private static final long LOOK_MS = 1000;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(20);
  private static final long SETTLE_MS = 15_000;

  private final Race.Settings settings;
  private final int count;
  private final PrintWriter progress;

  /**
   * @param settings whose work, pairs and scale are not used
   * @param count of senders, one at least
   */
  public SlowSenders(Race.Settings settings, int count, PrintWriter progress) {
    this.settings = settings;
    this.count = count;
    this.progress = progress;
  }

  /**
   * Runs it: minutes.
   *
   * @throws RaceException where it cannot be done here
   */
  public Report run() {
    try (WorkDirectory work = WorkDirectory.create()) {
      LoadProgram load = LoadProgram.compile(settings.shared(), work.path());
      try (Contender postern = settings.postern(work.path(), progress)) {
        ProcessMemory memory = new ProcessMemory(postern.pids());
        requireDescriptors(memory);
        WarmUp.run(load, postern, settings.warmUpMessages(), progress);
        // What it holds after the race's largest messages is what must not rise.
        load.run(postern, Work.named(LARGEST));
        progress.println("warmed up with work " + LARGEST);
        return run(postern, memory);
      }
    }
  }

  private void requireDescriptors(ProcessMemory memory) {
    long needed = count + OTHER_DESCRIPTORS;
    long own =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? system.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    long least = Math.min(own, memory.maxOpenFiles());
    if (least < needed) {
      throw new RaceException(
          "%d senders need %d open files, and %d are allowed: ulimit -n %d"
              .formatted(count, needed, least, needed));
    }
  }

  private Report run(Contender postern, ProcessMemory memory) {
    double pssBefore = memory.pssMb();
    double heapBefore = memory.heapMb();
    CompletableFuture<SlowSender.Ending> finish = new CompletableFuture<>();
    CompletableFuture<SlowSender.Ending> abort = new CompletableFuture<>();
    List<SlowSender> senders = senders(postern, finish, abort);
    long start = System.nanoTime();
    try {
      List<Thread> threads = open(senders);
      double pssPeak = Math.max(pssBefore, watch(senders, memory, start));
      int open = (int) senders.stream().filter(sender -> !sender.outcome().isDone()).count();
      double heapOpen = memory.heapMb();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      long sent = senders.stream().mapToLong(SlowSender::sentBytes).min().orElse(0);
      abort.complete(SlowSender.Ending.ABORT);
      finish.complete(SlowSender.Ending.FINISH);
      for (Thread thread : threads) {
        thread.join();
      }
      pssPeak = Math.max(pssPeak, memory.pssMb());
      Thread.sleep(SETTLE_MS);
      double pssAfter = memory.pssMb();
      Map<String, Integer> outcomes = outcomes(senders);
      double rise = pssPeak - pssBefore;
      boolean met =
          rise <= MAX_RISE_MB
              && open == count
              && outcomes.getOrDefault("250", 0) == Math.min(FINISHING, count);
      StringBuilder text = new StringBuilder();
      text.append("| %d slow senders | before | all open, peak | after |%n".formatted(count));
      text.append("| --- | --- | --- | --- |\n");
      text.append(row("resident memory (PSS), MB", pssBefore, pssPeak, pssAfter));
      text.append(row("heap in use, MB", heapBefore, heapOpen, memory.liveHeapMb()));
      text.append(
          "%n- Resident memory rose by %s MB, at most %.0f: %s. The heap after is what a collection left.%n"
              .formatted(Figure.format(rise), MAX_RISE_MB, met ? "met" : "**missed**"));
      text.append(
          "- Each sends %d MB by STARTTLS and DATA at %d KB/s; %d were open at the same time, %d s after the first connection, and the slowest had sent %s MB. Then %d sent the rest as fast as it went, and the others closed their connections.%n"
              .formatted(
                  MESSAGE_BYTES / 1_000_000,
                  BYTES_PER_SECOND / 1024,
                  open,
                  seconds,
                  Figure.format(sent / 1e6),
                  Math.min(FINISHING, count)));
      text.append("- How they ended: %s.%n".formatted(said(outcomes)));
      text.append(
          "- %s Then work %s once: so was memory before.%n"
              .formatted(WarmUp.note(settings.warmUpMessages()), LARGEST));
      return new Report(text.toString(), met);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RaceException("interrupted", e);
    } finally {
      abort.complete(SlowSender.Ending.ABORT);
      finish.complete(SlowSender.Ending.ABORT);
    }
  }

  private List<SlowSender> senders(
      Contender postern,
      CompletableFuture<SlowSender.Ending> finish,
      CompletableFuture<SlowSender.Ending> abort) {
    int colon = postern.smtp().lastIndexOf(':');
    InetSocketAddress server =
        new InetSocketAddress(
            postern.smtp().substring(0, colon),
            Integer.parseInt(postern.smtp().substring(colon + 1)));
    var tls = TrustAnyone.sockets();
    List<SlowSender> senders = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String recipient = "u" + i % Work.MAX_MAILBOXES + "@" + Mailboxes.DOMAIN;
      SlowSender.Plan plan =
          new SlowSender.Plan(server, tls, recipient, MESSAGE_BYTES, BYTES_PER_SECOND);
      senders.add(new SlowSender(plan, i < FINISHING ? finish : abort));
    }
    return senders;
  }

  /** Not all at once: a thousand handshakes at the same time are another measurement. */
  private List<Thread> open(List<SlowSender> senders) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < senders.size(); i++) {
      if (i >= MAX_OPENING) {
        senders.get(i - MAX_OPENING).opened().join();
      }
      Thread thread = new Thread(null, senders.get(i), "sender-" + i, STACK_BYTES);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  /** Until each has sent its part or has ended. Returns the most megabytes that were seen. */
  private double watch(List<SlowSender> senders, ProcessMemory memory, long start)
      throws InterruptedException {
    double peak = 0;
    while (System.nanoTime() - start < PATIENCE_NANOS) {
      peak = Math.max(peak, memory.pssMb());
      long ready = senders.stream().filter(SlowSenders::hasSentItsPart).count();
      long ended = senders.stream().filter(sender -> sender.outcome().isDone()).count();
      progress.printf(
          "%d of %d senders have sent %d MB, %d have ended; %s MB resident%n",
          ready, count, PART_BYTES / 1_000_000, ended, Figure.format(memory.pssMb()));
      progress.flush();
      if (ready + ended >= count) {
        break;
      }
      Thread.sleep(LOOK_MS);
    }
    return peak;
  }

  private static boolean hasSentItsPart(SlowSender sender) {
    return sender.sentBytes() >= PART_BYTES && !sender.outcome().isDone();
  }

  private static Map<String, Integer> outcomes(List<SlowSender> senders) {
    Map<String, Integer> outcomes = new TreeMap<>();
    senders.forEach(sender -> outcomes.merge(sender.outcome().join(), 1, Integer::sum));
    return outcomes;
  }

  private static String said(Map<String, Integer> outcomes) {
    List<String> parts = new ArrayList<>();
    outcomes.forEach((outcome, times) -> parts.add(times + " × " + outcome));
    return String.join(", ", parts);
  }

  private static String row(String title, double before, double open, double after) {
    return "| %s | %s | %s | %s |%n"
        .formatted(title, Figure.format(before), Figure.format(open), Figure.format(after));
  }
}
