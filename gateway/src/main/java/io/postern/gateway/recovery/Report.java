package io.postern.gateway.recovery;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * What a command has to say: items as they come, then a summary. As text one line each, as JSON one
 * object with a list and the summary's fields. Nothing is held.
 */
final class Report {
  private final RecoveryOptions options;
  private final JsonGenerator json;

  /**
   * Begins.
   *
   * @param items what the list is called in JSON
   */
  Report(RecoveryOptions options, String items) {
    this.options = options;
    this.json = options.json() ? options.generator() : null;
    write(
        generator -> {
          generator.writeStartObject();
          generator.writeArrayFieldStart(items);
        });
  }

  private interface Write {
    void to(JsonGenerator generator) throws IOException;
  }

  private void write(Write write) {
    if (json == null) {
      return;
    }
    try {
      write.to(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One item, as a line for people and as a value for JSON. */
  void item(String line, Object value) {
    if (json == null) {
      options.print(line);
    }
    write(generator -> generator.writePOJO(value));
  }

  /** The end: lines for people, fields for JSON. */
  void summary(Iterable<String> lines, Map<String, ?> fields) {
    if (json == null) {
      lines.forEach(options::print);
    }
    write(
        generator -> {
          generator.writeEndArray();
          for (Map.Entry<String, ?> field : fields.entrySet()) {
            generator.writePOJOField(field.getKey(), field.getValue());
          }
          generator.writeEndObject();
          generator.flush();
        });
    if (json != null) {
      options.print("");
    }
  }
}
