package io.postern.bench.micro;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Recipient;
import io.postern.age.Sealer;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Whole age files, header and keys included: one operation is one file. {@link CipherBenchmark} is
 * what the cipher alone takes for the same octets.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AgeBenchmark {
  /** Octets of plaintext. */
  @Param({"4096", "76800", "16777216"})
  public int size;

  /** X25519 alone, or hybrid post-quantum. */
  @Param({"false", "true"})
  public boolean classic;

  /** Octets that come at once: as TLS gives them, or a slice of what waits to be sealed. */
  @Param({"16384", "131072"})
  public int piece;

  private final SecureRandom random = new SecureRandom();
  private List<Recipient> recipients;
  private List<Identity> identities;
  private byte[] plain;
  private byte[] sealed;

  @Setup
  public void prepare() throws AgeException {
    Keys.KeyPair keys = Keys.generate(classic, random);
    recipients = List.of(Keys.recipient(keys.recipient()));
    identities = Keys.identities(keys.identityFile());
    plain = Texts.lines(size, 0);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    Sealer sealer = new Sealer(recipients, random);
    sealer.update(plain, 0, plain.length, file::write);
    sealer.finish(file::write);
    sealed = file.toByteArray();
  }

  @Benchmark
  public void seal(Blackhole out) {
    Sealer sealer = new Sealer(recipients, random);
    for (int at = 0; at < plain.length; at += piece) {
      sealer.update(
          plain,
          at,
          Math.min(piece, plain.length - at),
          (octets, offset, length) -> out.consume(length));
    }
    sealer.finish((octets, offset, length) -> out.consume(length));
  }

  @Benchmark
  public void open(Blackhole out) throws AgeException {
    try (Opener opener = new Opener(identities)) {
      for (int at = 0; at < sealed.length; at += piece) {
        opener.update(
            sealed,
            at,
            Math.min(piece, sealed.length - at),
            (octets, offset, length) -> out.consume(length));
      }
      opener.finish((octets, offset, length) -> out.consume(length));
    }
  }
}
