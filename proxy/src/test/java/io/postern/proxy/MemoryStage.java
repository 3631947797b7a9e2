package io.postern.proxy;

import io.postern.protocol.Conversation;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** Everything in one thread and without a network. */
final class MemoryStage implements Stage {
  private final Queue<Runnable> later = new ArrayDeque<>();
  private final FakeArchive archive = new FakeArchive(later::add);
  private final List<String> words;
  private final int chunkBytes;
  private final TranscriptSuite.Proxy proxy;
  private boolean nobody;
  private MemoryPeer client;
  private MemoryPeer upstream;

  MemoryStage(List<String> words, int chunkBytes, TranscriptSuite.Proxy proxy) {
    this.words = words;
    this.chunkBytes = chunkBytes;
    this.proxy = proxy;
  }

  private void connect() {
    if (client == null) {
      Conversation conversation = proxy.make(words, archive, this::dial);
      client = new MemoryPeer(conversation, later, chunkBytes, words.contains("implicit"));
      client.receive(0);
    }
  }

  private void dial(Conversation conversation, Consumer<String> complaints) {
    if (nobody) {
      complaints.accept("cannot be reached");
      later.add(conversation::closed);
    } else {
      upstream =
          new MemoryPeer(conversation, later, chunkBytes, words.contains("upstream-implicit"));
    }
  }

  @Override
  public MemoryPeer client() {
    connect();
    return client;
  }

  @Override
  public Peer upstream() {
    connect();
    return upstream == null ? client : upstream;
  }

  @Override
  public void refuseConnections() {
    nobody = true;
  }

  @Override
  public FakeArchive archive() {
    return archive;
  }

  @Override
  public void close() {
    if (client != null) {
      client.vanish();
    }
  }
}
