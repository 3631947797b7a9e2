package io.postern.gateway.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** An instance of Postfix of its own, in a folder of its own. */
final class Postfix {
  private static final String MAIN =
      """
      compatibility_level = 3.6
      queue_directory = %1$s/queue
      data_directory = %1$s/data
      maillog_file = %1$s/postfix.log
      maillog_file_prefixes = %1$s
      multi_instance_enable = yes
      mydestination =
      inet_interfaces = 127.0.0.1
      inet_protocols = ipv4
      alias_maps =
      local_recipient_maps =
      """;

  private static final String MASTER =
      """
      cleanup   unix n - n - 0 cleanup
      qmgr      unix n - n 300 1 qmgr
      rewrite   unix - - n - - trivial-rewrite
      bounce    unix - - n - 0 bounce
      defer     unix - - n - 0 bounce
      trace     unix - - n - 0 bounce
      smtp      unix - - n - - smtp
      error     unix - - n - - error
      retry     unix - - n - - error
      discard   unix - - n - - discard
      virtual   unix - n n - - virtual
      anvil     unix - - n - 1 anvil
      scache    unix - - n - 1 scache
      tlsmgr    unix - - n 1000? 1 tlsmgr
      proxymap  unix - - n - - proxymap
      postlog   unix-dgram n - n - 1 postlogd
      """;

  private final Path home;

  /** Skips the test, and says so, where Postfix cannot run. */
  static void require() {
    Program.require("postfix");
    Program.requireRoot("postfix");
  }

  /** Makes the folders of one that does not run yet. */
  Postfix(Path home) throws IOException {
    this.home = home;
    // Postfix's own users walk through here.
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(home.resolve("etc"));
    Files.createDirectory(home.resolve("queue"));
    Program.own(Files.createDirectory(home.resolve("data")), "postfix");
  }

  /**
   * Starts.
   *
   * @param settings what main.cf says besides where things lie
   * @param services what master.cf says of where it listens
   */
  void start(String settings, String services) throws Exception {
    Path folder = home.resolve("etc");
    Files.writeString(folder.resolve("main.cf"), MAIN.formatted(home) + settings);
    Files.writeString(folder.resolve("master.cf"), services + MASTER);
    new Program(home).run("/usr/sbin/postfix", "-c", folder.toString(), "start").expectSuccess();
  }

  /** For who wants to know what it thought. */
  String log() throws IOException {
    return Files.readString(home.resolve("postfix.log"));
  }

  void stop() throws Exception {
    Program.stop(home.resolve("queue/pid/master.pid"));
  }
}
