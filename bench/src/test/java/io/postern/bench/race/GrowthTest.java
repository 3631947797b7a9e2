package io.postern.bench.race;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.age.Keys;
import io.postern.mailbox.Mailbox;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.Layout;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthTest {
  @TempDir Path directory;

  @Test
  void a_curve_is_written_as_figures_and_as_a_plot() throws Exception {
    GrowthCurve curve = new GrowthCurve("messages in the store", "available");
    curve.add(
        1000,
        List.of(
            new GrowthCurve.Run(700, 500, 3),
            new GrowthCurve.Run(900, 700, 2),
            new GrowthCurve.Run(800, 600, 4)));
    curve.add(10_000, List.of(new GrowthCurve.Run(600, 400, 5)));
    assertThat(curve.table())
        .contains("| 1000 | 800 (700–900) | 600 (500–700) | 3.00 (2.00–4.00) |");
    curve.write(directory, "plot");
    assertThat(directory.resolve("plot.csv"))
        .hasContent(
            """
            messages_in_the_store,accepted_per_s,available_per_s,cpu_ms_per_message,cpu_ms_min,cpu_ms_max
            1000,800.0,600.0,3.000,2.000,4.000
            10000,600.0,400.0,5.000,5.000,5.000
            """);
    BufferedImage plot = ImageIO.read(directory.resolve("plot.png").toFile());
    assertThat(plot.getWidth()).isGreaterThan(plot.getHeight());
    assertThat(Files.size(directory.resolve("plot.png"))).isLessThan(100_000);
  }

  /** What the filler writes must be mail to the store: else nothing has grown. */
  @Test
  void the_store_lists_what_it_was_filled_with() throws Exception {
    List<Mailbox> mailboxes = List.of(mailbox("u32@peer.test"), mailbox("u33@peer.test"));
    Filler filler = new Filler(directory, mailboxes);
    filler.fillTo(3);
    filler.fillTo(5);
    assertThat(filler.written()).isEqualTo(5);
    assertThat(new StoredMail(directory).count()).isEqualTo(5);
    try (DirectoryStore store = new DirectoryStore(directory)) {
      assertThat(store.list(Layout.mail(mailboxes.get(0).id()), "", 10)).hasSize(3);
      assertThat(store.list(Layout.mail(mailboxes.get(1).id()), "", 10)).hasSize(2);
    }
  }

  private static Mailbox mailbox(String address) {
    SecureRandom random = new SecureRandom();
    String id = new io.postern.pipeline.Ulids(InstantSource.system(), random).next();
    String recipient = Keys.generate(false, random).recipient();
    return new Mailbox(id, address, recipient, Mailbox.State.ACTIVE, Instant.EPOCH);
  }
}
