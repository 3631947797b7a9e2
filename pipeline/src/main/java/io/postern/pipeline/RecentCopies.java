package io.postern.pipeline;

/**
 * Remembers at least the last {@code count} copies added, and at most twice as many. Not
 * thread-safe.
 */
public final class RecentCopies {
  private final int count;
  private CopySet newer = new CopySet();
  private CopySet older = new CopySet();

  public RecentCopies(int count) {
    this.count = count;
  }

  public void add(String messageId, String mailboxId) {
    newer.add(messageId, mailboxId);
    if (newer.size() >= count) {
      older = newer;
      newer = new CopySet();
    }
  }

  public boolean contains(String messageId, String mailboxId) {
    return newer.contains(messageId, mailboxId) || older.contains(messageId, mailboxId);
  }
}
