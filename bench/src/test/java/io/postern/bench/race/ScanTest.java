package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.Layout;
import io.postern.maildrop.Maildrop;
import io.postern.pipeline.Ulids;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanTest {
  private static final byte[] SEALED = new byte[300];

  @TempDir Path directory;

  @Test
  void a_figure_of_both_is_a_row() {
    List<ScanFigure.Pair> pairs = List.of(pair(100, 200), pair(299, 100));
    assertThat(ScanFigure.WARM.met(pairs)).isFalse();
    assertThat(ScanFigure.WARM.row(pairs))
        .startsWith("| login to STAT, warm, ms | 200 (100–299) |");
    assertThat(ScanFigure.COLD.met(pairs)).isTrue();
  }

  @Test
  void figures_are_read_off_what_the_load_program_says() throws Exception {
    var scan = new JsonMapper().readTree("{\"rounds\":[{\"list_s\":0.02,\"top_s\":4.5}]}");
    assertThat(ScanFigure.LIST.of(scan)).isEqualTo(20);
    assertThat(ScanFigure.TOP.of(scan)).isEqualTo(4.5);
  }

  /** What is copied must be mail to the store, and all of it. */
  @Test
  void the_store_lists_copies_of_what_it_held() throws Exception {
    String mailbox = new Ulids(InstantSource.system(), new SecureRandom()).next();
    Path mail = Files.createDirectories(directory.resolve("objects/" + Layout.mail(mailbox)));
    Files.write(mail.resolve(mailbox + "-200.age"), SEALED);
    Files.write(mail.resolve("other"), SEALED);
    StoredCopies copies =
        StoredCopies.ofPostern(directory.resolve("objects"), mailbox, directory.resolve("aside"));
    Files.delete(mail.resolve(mailbox + "-200.age"));
    copies.fill(3);
    copies.fill(2);
    try (DirectoryStore store = new DirectoryStore(directory.resolve("objects"))) {
      assertThat(new Maildrop(store).list(mailbox))
          .hasSize(5)
          .allMatch(stored -> stored.objectBytes() == SEALED.length);
    }
  }

  @Test
  void copies_in_a_maildir_are_new_and_keep_their_sizes_in_their_names() throws Exception {
    Path fresh = Files.createDirectory(directory.resolve("new"));
    Path seen = Files.createDirectory(directory.resolve("cur"));
    Files.write(seen.resolve("1.M2P3.host,S=300,W=310:2,S"), SEALED);
    StoredCopies copies = StoredCopies.ofMaildir(directory, directory.resolve("aside"));
    copies.fill(2);
    try (Stream<Path> files = Files.list(fresh)) {
      assertThat(files.map(file -> file.getFileName().toString()).toList())
          .hasSize(2)
          .allMatch(name -> name.startsWith("1.M2P3.hostc") && name.endsWith(",S=300,W=310"));
    }
  }

  @Test
  void without_mail_there_is_nothing_to_copy() throws Exception {
    Files.createDirectory(directory.resolve("new"));
    Files.createDirectory(directory.resolve("cur"));
    assertThatThrownBy(() -> StoredCopies.ofMaildir(directory, directory.resolve("aside")))
        .isInstanceOf(RaceException.class)
        .hasMessageStartingWith("no mail in");
  }

  private static ScanFigure.Pair pair(double ours, double theirs) {
    return new ScanFigure.Pair(
        Map.of(ScanFigure.WARM, ours, ScanFigure.COLD, ours),
        Map.of(ScanFigure.WARM, theirs, ScanFigure.COLD, theirs));
  }
}
