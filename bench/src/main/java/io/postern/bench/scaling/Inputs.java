package io.postern.bench.scaling;

import io.postern.bench.scaling.Costs.Besides;
import io.postern.bench.scaling.Costs.Cpu;
import io.postern.bench.scaling.Site.Waits;
import java.util.List;

/**
 * All that was measured, in one place. Whoever makes Postern cheaper measures anew and changes it
 * here; docs/scaling.md tells how, and holds what comes of it.
 *
 * <p>CPU time is that of threads by their names ({@code /proc/PID/task/*}{@code /schedstat}),
 * divided by the messages, with 4 KB, 75 KB and 1 MB; medians of several runs, of which the two
 * figures of each {@link Cpu} are the straight line with the least relative error. None of it was
 * fitted to a rate.
 */
final class Inputs {
  private Inputs() {}

  /** {@code postern run}: no sockets to the broker, a directory store. */
  static final Costs ONE_PROCESS =
      new Costs(
          new Cpu(224, 1978), // event loops
          new Cpu(43, 809), // raw-outbox
          new Cpu(132, 1671), // crypto-worker
          new Cpu(5, 694), // sealed-outbox
          new Cpu(18, 465), // store-worker
          new Cpu(67, 673), // directory-store, object-store
          new Cpu(252, 3338), // the process while mail is fetched and deleted, compilers included
          new Besides(
              new Cpu(1839, 0), // server 809, load program 1030: 256 connections of one message
              new Cpu(64, 659), // the load program
              new Cpu(19, 444), // all other threads, until the last 250
              new Cpu(20, 320)), // all other threads, afterwards
          1.007,
          4800);

  /**
   * A process for each service, a broker and an S3 server behind sockets, one replica: whole
   * processes, but for the JVM's compilers, which a service of weeks no longer needs. Kafka's part
   * is divided evenly between the two topics, and counts as much on every further replica.
   */
  static final Costs SERVICES =
      new Costs(
          new Cpu(462, 3606),
          new Cpu(470.0 / 2, 4789.0 / 2),
          new Cpu(405, 3619),
          new Cpu(470.0 / 2, 4789.0 / 2),
          new Cpu(97, 2031), // its own thread and its consumer's
          new Cpu(303, 2723), // the rest
          new Cpu(336, 3163), // from one process, with a directory store
          Besides.NOTHING,
          1.007, // what the broker's process wrote, for each topic
          4800);

  /** 32 mailboxes; a file's flush, a log's and a directory's each measured by itself. */
  static final Site SMALL =
      new Site(
          true,
          2,
          1,
          1,
          1,
          1,
          8,
          1,
          1,
          32,
          new Waits(0.00024, 1.65e9, 0.00025, 1.65e9, 0.00019, 45, 1));

  /**
   * Disks and stores of a site: assumed, but for the take-over, which is the session's time-out in
   * compose.yaml.
   */
  static final Waits SITE_WAITS = new Waits(0.002, 400e6, 0.001, 250e6, 0, 15, 1);

  /**
   * A run on the small machine with 32 senders.
   *
   * @param accepted messages a second, from the first connection to the last 250
   * @param stored messages a second, from the first connection to the last object
   * @param othersMeanwhile the part of both cores that everybody else took until the last 250, 0 to
   *     1
   * @param othersAfterwards the same until the last object
   */
  record Flood(
      String what,
      double octets,
      int messages,
      double accepted,
      double stored,
      double othersMeanwhile,
      double othersAfterwards) {}

  static final List<Flood> FLOODS =
      List.of(
          new Flood("4 KB", 4_096, 8000, 4872, 2897, 0.03, 0.10),
          new Flood("4 KB", 4_096, 8000, 5126, 3048, 0.02, 0.10),
          new Flood("4 KB", 4_096, 8000, 5120, 2945, 0.03, 0.09),
          new Flood("4 KB", 4_096, 8000, 5247, 2900, 0.02, 0.10),
          new Flood("4 KB", 4_096, 8000, 4989, 2834, 0.02, 0.08),
          new Flood("75 KB", 76_800, 3000, 2609, 1282, 0.02, 0.06),
          new Flood("75 KB", 76_800, 3000, 2256, 1102, 0.02, 0.05),
          new Flood("75 KB", 76_800, 3000, 2719, 1352, 0.03, 0.06),
          new Flood("75 KB", 76_800, 3000, 2589, 1289, 0.03, 0.05),
          new Flood("75 KB", 76_800, 3000, 2169, 1225, 0.01, 0.03),
          new Flood("1 MB", 1_048_576, 300, 362, 193, 0.04, 0.04),
          new Flood("1 MB", 1_048_576, 300, 306, 177, 0.01, 0.02),
          new Flood("1 MB", 1_048_576, 300, 404, 219, 0.00, 0.02),
          new Flood("1 MB", 1_048_576, 300, 405, 213, 0.00, 0.00),
          new Flood("1 MB", 1_048_576, 300, 426, 227, 0.01, 0.03));

  /**
   * A crypto-worker of two, as services, was killed.
   *
   * @param perSecond messages
   * @param seconds that they came
   * @param killedAt second
   * @param delayed messages that were in the store more than a second after they had been sent
   * @param p50 from sent to stored, in seconds
   */
  record Death(
      double octets,
      double perSecond,
      double seconds,
      double killedAt,
      int delayed,
      double p50,
      double p90,
      double longest,
      int lost) {}

  static final Death DEATH = new Death(4_096, 60, 34, 4, 903, 0.128, 39.28, 46.39, 0);

  /** The machine of that run: two crypto-workers, twelve partitions, Kafka's own time-out. */
  static final Site SMALL_SERVICES =
      new Site(false, 2, 1, 1, 2, 1, 8, 12, 1, 0, new Waits(0.0001, 2.5e9, 0.001, 250e6, 0, 45, 1));
}
