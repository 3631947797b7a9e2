package io.postern.gateway;

import static io.postern.gateway.ProxiedArchive.ADDRESS;
import static io.postern.gateway.ProxiedArchive.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxy's promise: what the real server has accepted is in the archive, and nothing that it has
 * refused is there as delivered, at whatever step of the protocol the proxy is killed.
 */
class ProxyCrashTest {
  private static final int CLIENTS = 3;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final int kills = Integer.getInteger("crash.kills", 3);
  private final Random random = new Random(seed);
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /** The steps at which the proxy was killed. */
  private final Map<String, Integer> killedAt = new TreeMap<>();

  private final AtomicInteger stepsLeft = new AtomicInteger(Integer.MAX_VALUE);
  private volatile PosternProcess running;

  @Test
  void whatTheRealServerAcceptedIsArchivedWheneverTheProxyIsKilled(@TempDir Path folder)
      throws Exception {
    System.err.println("crash.seed=" + seed);
    Path data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
    try (RealServer server = new RealServer(random.nextLong(), this::step)) {
      Map<String, String> settings =
          Map.of(
              "POSTERN_WORKERS_SENDER_TIMEOUT_S",
              "8",
              "POSTERN_PROXY_ROUTES",
              "[{name: out, protocol: smtp, port: 0, mailbox: %s, upstream: {host: 127.0.0.1, port: %d, tls: none}}]"
                  .formatted(ADDRESS, server.port()));
      for (int round = 0; round < kills; round++) {
        try (PosternProcess postern = PosternProcess.start(data, settings, "-Xmx512m")) {
          killUnderLoad(postern);
        }
      }
      System.err.println(
          "killed at "
              + killedAt
              + "; accepted "
              + server.accepted.size()
              + ", refused "
              + server.refused.size());
      assertThat(told).as("seed %d", seed).isSubsetOf(server.accepted);
      try (PosternProcess postern = PosternProcess.start(data, settings, "-Xmx512m")) {
        ProxiedArchive.awaitAccepted(postern, data, server, "seed " + seed);
        postern.stop();
      }
    }
  }

  private void killUnderLoad(PosternProcess postern) throws Exception {
    running = postern;
    stepsLeft.set(1 + random.nextInt(400));
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    List<Future<?>> sending = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      long own = random.nextLong();
      sending.add(
          clients.submit(
              () -> {
                sendUntilItDies(postern, new Random(own));
                return null;
              }));
    }
    for (Future<?> client : sending) {
      client.get(2, TimeUnit.MINUTES);
    }
    clients.shutdown();
    running = null;
  }

  /** Counts; the last one is the proxy's last. */
  private void step(String name) {
    PosternProcess postern = running;
    if (postern != null && stepsLeft.decrementAndGet() == 0) {
      synchronized (killedAt) {
        killedAt.merge(name, 1, Integer::sum);
      }
      postern.kill();
    }
  }

  private void sendUntilItDies(PosternProcess postern, Random own) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), postern.port("proxy out"))) {
      SteppingClient client = new SteppingClient(socket, this::step);
      client.expect("220");
      client.ask("EHLO client.example", "250");
      while (true) {
        int lines = own.nextInt(8) == 0 ? own.nextInt(20_000) : own.nextInt(100);
        MarkedMail mail = MarkedMail.random(own, lines + 1);
        if (client.send(mail)) {
          told.add(mail.digest());
        }
      }
    } catch (IOException e) {
      // The kill ends every client.
    }
  }
}
