package io.postern.proxy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which mailbox receives a copy. The table of users is asked first, then that of sender domains.
 *
 * @param mailbox the address of the mailbox for everything else
 * @param byUser authenticated user → mailbox; case does not matter
 * @param bySenderDomain domain of the reverse path → mailbox; case does not matter
 */
public record MailboxChoice(
    String mailbox, Map<String, String> byUser, Map<String, String> bySenderDomain) {

  public MailboxChoice {
    byUser = folded(byUser);
    bySenderDomain = folded(bySenderDomain);
  }

  /** Everything goes to one mailbox. */
  public static MailboxChoice always(String mailbox) {
    return new MailboxChoice(mailbox, Map.of(), Map.of());
  }

  /**
   * The mailbox's address.
   *
   * @param user who has logged in, or empty
   * @param sender the reverse path, or empty
   */
  public String of(String user, String sender) {
    String ofUser = byUser.get(fold(user));
    if (ofUser != null) {
      return ofUser;
    }
    String domain = sender.substring(sender.lastIndexOf('@') + 1);
    return bySenderDomain.getOrDefault(fold(domain), mailbox);
  }

  private static Map<String, String> folded(Map<String, String> table) {
    Map<String, String> folded = new HashMap<>();
    table.forEach((key, value) -> folded.put(fold(key), value));
    return Map.copyOf(folded);
  }

  private static String fold(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
