package io.postern.gateway;

import static io.postern.gateway.ProxiedArchive.ADDRESS;
import static io.postern.gateway.ProxiedArchive.PASSWORD;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxies' promise at every step of the protocols: the proxy is killed once at each of them, at
 * either end, while what stands behind it goes on. A failure prints its seed.
 */
abstract class ProxySteps {
  final long seed = Long.getLong("crash.seed", System.nanoTime());
  final Random random = new Random(seed);
  @TempDir private Path folder;
  Path data;
  volatile DoomedProxy proxy;

  @BeforeEach
  void makeTheArchive() throws Exception {
    System.err.println("crash.seed=" + seed);
    data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
  }

  PosternProcess start() throws IOException {
    return PosternProcess.start(data, Map.of("POSTERN_WORKERS_SENDER_TIMEOUT_S", "8"), "-Xmx512m");
  }

  void step(String name) {
    DoomedProxy doomed = proxy;
    if (doomed != null) {
      doomed.reached(name);
    }
  }

  MarkedMail mail(int maxLines) {
    return MarkedMail.random(random, 1 + random.nextInt(maxLines));
  }
}
