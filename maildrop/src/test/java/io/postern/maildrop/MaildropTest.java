package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaildropTest {
  private static final String MAILBOX = "01jdzq5w3v8m4b6n7p9rstvwxy";
  private static final String FIRST = "01jdzq6000000000000000000a";
  private static final String SECOND = "01jdzq6000000000000000000b";

  @TempDir Path directory;

  @Test
  void aKeyReadsAsItIsWritten() {
    MailKey key = new MailKey(MAILBOX, FIRST, 1234);

    assertThat(key.key()).isEqualTo("mailboxes/" + MAILBOX + "/mail/" + FIRST + "-1234.age");
    assertThat(MailKey.parse(key.key())).contains(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "%s-0.age",
        "%s-012.age",
        "%s--1.age",
        "%s-12345678.age",
        "%s-1.AGE",
        "%s-1.age.tmp",
        "%s.age",
        "x%s-1.age",
        "%s-1.age\n",
        "%s-1a.age",
        "%s-1.age/",
        "folder/%s-1.age",
        "8%s-1.age"
      })
  void otherNamesAreNotMail(String name) {
    String key = Layout.mail(MAILBOX) + name.formatted(FIRST);
    assertThat(MailKey.parse(key)).isEmpty();
    assertThat(MailKey.parse(Layout.mail(MAILBOX) + FIRST.toUpperCase() + "-1.age")).isEmpty();
  }

  @Test
  void idsAreUlidsInLowerCase() {
    assertThatThrownBy(() -> Layout.identity("../x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MailKey(MAILBOX, "u" + FIRST.substring(1), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listsMailOldestFirstAndIgnoresTheRest() throws Exception {
    try (DirectoryStore store = new DirectoryStore(directory)) {
      String mail = Layout.mail(MAILBOX);
      store.put(mail + SECOND + "-100.age", new byte[100 + 16 + 16]);
      store.put(mail + FIRST + "-100.age", new byte[100 + 16 + 16 + 5]);
      store.put(mail + FIRST + "-200.age", new byte[200 + 16 + 16 + 5]);
      store.put(mail + "01jdzq6000000000000000000c-100.age", new byte[120]);
      store.put(mail + "README", new byte[10]);
      store.put(mail + "folder/" + FIRST + "-100.age", new byte[500]);
      store.put(Layout.record(MAILBOX), new byte[10]);

      assertThat(new Maildrop(store).list(MAILBOX))
          .containsExactly(new StoredMail(FIRST, 100, 137, 5), new StoredMail(SECOND, 100, 132, 0));
    }
  }
}
