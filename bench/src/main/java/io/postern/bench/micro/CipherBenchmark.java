package io.postern.bench.micro;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.conscrypt.Conscrypt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * ChaCha20-Poly1305 alone on 64 KiB blocks, by each provider of this JVM: the measure for {@link
 * AgeBenchmark}. One operation is so many blocks as cover the size, the nonce set for each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CipherBenchmark {
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final int TAG_BYTES = 16;

  /** Octets of plaintext. */
  @Param("16777216")
  public int size;

  /** Who enciphers: the JDK, or BoringSSL by Conscrypt. */
  @Param({"SunJCE", "Conscrypt"})
  public String provider;

  private final SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
  private final byte[] plain = Texts.lines(BLOCK_BYTES, 0);
  private final byte[] opened = new byte[BLOCK_BYTES];
  private final byte[] out = new byte[BLOCK_BYTES + TAG_BYTES];
  private byte[][] sealed;
  private Cipher cipher;
  private long nonce;
  private int opens;

  @Setup
  public void prepare() throws GeneralSecurityException {
    Provider chosen =
        Optional.ofNullable(Security.getProvider(provider)).orElseGet(Conscrypt::newProvider);
    cipher = Cipher.getInstance("ChaCha20-Poly1305", chosen);
    // Two, since the JDK's cipher refuses the same nonce twice in a row.
    sealed = new byte[2][];
    for (int i = 0; i < sealed.length; i++) {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(i));
      sealed[i] = cipher.doFinal(plain);
    }
    nonce = sealed.length;
  }

  @Benchmark
  public int seal() throws GeneralSecurityException {
    int total = 0;
    for (int done = 0; done < size; done += BLOCK_BYTES) {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(nonce++));
      total += cipher.doFinal(plain, 0, BLOCK_BYTES, out, 0);
    }
    return total;
  }

  @Benchmark
  public int open() throws GeneralSecurityException {
    int total = 0;
    for (int done = 0; done < size; done += BLOCK_BYTES) {
      int which = opens++ & 1;
      cipher.init(Cipher.DECRYPT_MODE, key, nonce(which));
      total += cipher.doFinal(sealed[which], 0, sealed[which].length, opened, 0);
    }
    return total;
  }

  private static IvParameterSpec nonce(long number) {
    return new IvParameterSpec(ByteBuffer.allocate(12).putLong(3, number).array());
  }
}
