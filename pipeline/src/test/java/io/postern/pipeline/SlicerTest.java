package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.age.ChunkOpener;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SlicerTest {
  private static final int CHUNK_BYTES = ChunkOpener.SEALED_CHUNK_LENGTH;

  private final List<byte[]> slices = new ArrayList<>();

  @Test
  void cutsBetweenChunks() {
    Slicer slicer = new Slicer(2 * CHUNK_BYTES + 4096, slices::add);
    write(slicer, 1700);
    for (int i = 0; i < 5; i++) {
      write(slicer, CHUNK_BYTES);
    }
    write(slicer, 100);

    assertThat(slices)
        .extracting(slice -> slice.length)
        .containsExactly(1700 + 2 * CHUNK_BYTES, 2 * CHUNK_BYTES);
    assertThat(slicer.rest()).hasSize(CHUNK_BYTES + 100);
    assertThat(slicer.rest()).isEmpty();
  }

  @Test
  void handsAFullSliceOutOnlyOnceMoreComes() {
    Slicer slicer = new Slicer(100, slices::add);
    write(slicer, 60);
    write(slicer, 40);
    assertThat(slices).isEmpty();
    write(slicer, 1);
    assertThat(slices).hasSize(1);
    assertThat(slicer.rest()).hasSize(1);
  }

  @Test
  void tellsWhenItHasAChunk() {
    Slicer slicer = new Slicer(2 * CHUNK_BYTES, slices::add);
    write(slicer, CHUNK_BYTES - 1);
    assertThat(slicer.hasChunk()).isFalse();
    write(slicer, 1);
    assertThat(slicer.hasChunk()).isTrue();
    slicer.rest();
    assertThat(slicer.hasChunk()).isFalse();
  }

  @RepeatedTest(20)
  void losesNothingAndMakesNoSliceTooLong(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int sliceBytes = 1 + random.nextInt(300);
    Slicer slicer = new Slicer(sliceBytes, slices::add);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    for (int i = 0; i < 50; i++) {
      byte[] octets = new byte[10 + random.nextInt(500)];
      random.nextBytes(octets);
      int offset = random.nextInt(10);
      slicer.write(octets, offset, octets.length - offset);
      written.write(octets, offset, octets.length - offset);
    }
    slices.add(slicer.rest());

    ByteArrayOutputStream sliced = new ByteArrayOutputStream();
    slices.forEach(sliced::writeBytes);
    assertThat(sliced.toByteArray()).isEqualTo(written.toByteArray());
    assertThat(slices).allSatisfy(slice -> assertThat(slice.length).isBetween(1, sliceBytes));
  }

  private static void write(Slicer slicer, int length) {
    slicer.write(new byte[length], 0, length);
  }
}
