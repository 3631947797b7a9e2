package io.postern.bench.micro;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
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
  private static final String SUN = "SunJCE";
  private static final String CONSCRYPT = "Conscrypt";
  private static final String CONSCRYPT_DIRECT = "Conscrypt-direct";

  /** Octets of plaintext. */
  @Param("16777216")
  public int size;

  /**
   * Who enciphers: the JDK, out of arrays, or BoringSSL by Conscrypt, out of arrays or, fastest,
   * direct buffers.
   */
  @Param({SUN, CONSCRYPT, CONSCRYPT_DIRECT})
  public String provider;

  private final SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
  private ByteBuffer plain;
  private ByteBuffer out;
  private ByteBuffer[] sealed;
  private Cipher cipher;
  private long nonce;
  private int opens;

  @Setup
  public void prepare() throws GeneralSecurityException {
    Provider chosen = provider.equals(SUN) ? Security.getProvider(SUN) : Conscrypt.newProvider();
    cipher = Cipher.getInstance("ChaCha20-Poly1305", chosen);
    plain = room(BLOCK_BYTES).put(Texts.lines(BLOCK_BYTES, 0)).flip();
    out = room(BLOCK_BYTES + TAG_BYTES);
    // Two, since the JDK's cipher refuses the same nonce twice in a row.
    sealed = new ByteBuffer[2];
    for (int i = 0; i < sealed.length; i++) {
      sealed[i] = room(BLOCK_BYTES + TAG_BYTES);
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(i));
      doFinal(plain, sealed[i]);
    }
    nonce = sealed.length;
  }

  private ByteBuffer room(int octets) {
    return provider.equals(CONSCRYPT_DIRECT)
        ? ByteBuffer.allocateDirect(octets)
        : ByteBuffer.allocate(octets);
  }

  @Benchmark
  public int seal() throws GeneralSecurityException {
    int total = 0;
    for (int done = 0; done < size; done += BLOCK_BYTES) {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(nonce++));
      total += doFinal(plain, out);
    }
    return total;
  }

  @Benchmark
  public int open() throws GeneralSecurityException {
    int total = 0;
    for (int done = 0; done < size; done += BLOCK_BYTES) {
      int which = opens++ & 1;
      cipher.init(Cipher.DECRYPT_MODE, key, nonce(which));
      total += doFinal(sealed[which], out);
    }
    return total;
  }

  private int doFinal(ByteBuffer from, ByteBuffer to) throws GeneralSecurityException {
    return from.isDirect()
        ? cipher.doFinal(from.rewind(), to.clear())
        : cipher.doFinal(from.array(), 0, from.limit(), to.array(), 0);
  }

  private static IvParameterSpec nonce(long number) {
    return new IvParameterSpec(ByteBuffer.allocate(12).putLong(3, number).array());
  }
}
