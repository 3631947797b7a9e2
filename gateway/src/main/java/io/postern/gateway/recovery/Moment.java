package io.postern.gateway.recovery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A point in time as people write it: {@code 2026-11-24T08:00:00Z}, {@code 2026-11-24} (its
 * beginning, UTC), or so long ago: {@code 90m}, {@code 36h}, {@code 7d}.
 */
final class Moment implements ITypeConverter<Instant> {
  static final String FORMS = "2026-11-24T08:00:00Z, 2026-11-24, or so long ago: 90m, 36h, 7d";

  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([mhd])");

  @Override
  public Instant convert(String text) {
    Matcher ago = AGO.matcher(text);
    try {
      if (ago.matches()) {
        long count = Long.parseLong(ago.group(1));
        Duration duration =
            switch (ago.group(2)) {
              case "m" -> Duration.ofMinutes(count);
              case "h" -> Duration.ofHours(count);
              default -> Duration.ofDays(count);
            };
        return Instant.now().minus(duration);
      }
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new TypeConversionException("'" + text + "' is no time: " + FORMS);
    }
  }
}
