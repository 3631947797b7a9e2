package io.postern.gateway.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@link Settings}: the YAML file first, then environment variables named after the keys,
 * which win. A key that does not exist is refused with the nearest that does.
 */
public final class SettingsReader {
  private static final Logger log = LoggerFactory.getLogger(SettingsReader.class);
  private static final String PREFIX = "POSTERN_";

  /** Variables that are no settings. */
  private static final Set<String> OTHERS =
      Set.of("POSTERN_JAVA_HOME", "POSTERN_JAVA_OPTS", "POSTERN_CONFIG", "POSTERN_LOG");

  /** Settings that are lists: as variables they are written as they would be in the file. */
  private static final Set<String> LISTS = Set.of("proxy.routes");

  private static final YAMLMapper YAML = new YAMLMapper();
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final Map<String, String> environment;
  private final Map<String, String> defaults;

  public SettingsReader(Map<String, String> environment) {
    this(environment, Map.of());
  }

  /**
   * @param defaults by key, for what neither file nor environment sets: where a service's own
   *     differ from those of {@link Settings}
   */
  public SettingsReader(Map<String, String> environment, Map<String, String> defaults) {
    this.environment = environment;
    this.defaults = defaults;
  }

  /**
   * Reads the settings.
   *
   * @param file the YAML file, or null: {@code POSTERN_CONFIG}, else {@code postern.yaml} in the
   *     working directory where there is one
   * @throws SettingsException where the file cannot be read or a setting cannot stand
   */
  public Settings read(Path file) {
    ObjectNode tree = JSON.createObjectNode();
    defaults.forEach((key, value) -> put(tree, key, tree.textNode(value)));
    Path source = source(file);
    if (source != null) {
      expand(tree, "", parse(source));
    }
    return convert(tree);
  }

  /** The defaults and the environment, whatever files there are. */
  public Settings readEnvironment() {
    return convert(JSON.createObjectNode());
  }

  private Settings convert(ObjectNode tree) {
    overlay(tree);
    try {
      return JSON.treeToValue(tree, Settings.class);
    } catch (JsonProcessingException e) {
      throw new SettingsException(explain(e));
    }
  }

  private Path source(Path file) {
    if (file != null) {
      return file;
    }
    if (environment.containsKey("POSTERN_CONFIG")) {
      return Path.of(environment.get("POSTERN_CONFIG"));
    }
    Path usual = Path.of("postern.yaml");
    return Files.exists(usual) ? usual : null;
  }

  private static JsonNode parse(Path file) {
    try {
      JsonNode tree = YAML.readTree(file.toFile());
      if (tree != null && !tree.isObject() && !tree.isNull() && !tree.isMissingNode()) {
        throw new SettingsException(
            file + ": expected keys and values, for example 'hostname: mail.example.org'");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new SettingsException(
          file + ": not YAML: " + firstLine(e.getOriginalMessage()) + at(e));
    } catch (IOException e) {
      throw new SettingsException(
          file + ": cannot be read" + (Files.exists(file) ? "" : ": there is no such file"));
    }
  }

  /**
   * Copies nested and dotted keys alike into a tree of nested ones; what is below {@code
   * kafka.client} keeps Kafka's dots.
   */
  private static void expand(ObjectNode tree, String path, JsonNode node) {
    node.properties()
        .forEach(
            entry -> {
              String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
              if (entry.getValue().isObject()) {
                expand(tree, key, entry.getValue());
              } else if (!entry.getValue().isNull()) {
                put(tree, key, entry.getValue());
              }
            });
  }

  private static void put(ObjectNode tree, String key, JsonNode value) {
    String client = "kafka.client.";
    String nested =
        key.startsWith(client)
            ? "kafka.client"
            : key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "";
    String name = nested.isEmpty() ? key : key.substring(nested.length() + 1);
    ObjectNode parent = tree;
    for (String step : nested.isEmpty() ? new String[0] : nested.split("\\.")) {
      JsonNode child = parent.get(step);
      if (child != null && !child.isObject()) {
        throw new SettingsException(
            key + ": '" + step + "' has a value already, so it cannot hold further keys");
      }
      parent = child == null ? parent.putObject(step) : (ObjectNode) child;
    }
    parent.set(name, value);
  }

  private void overlay(ObjectNode tree) {
    Map<String, String> names = keys();
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (!name.startsWith(PREFIX) || OTHERS.contains(name)) {
                return;
              }
              String key = names.get(name);
              if (key == null && name.startsWith("POSTERN_KAFKA_CLIENT_")) {
                key =
                    "kafka.client."
                        + name.substring("POSTERN_KAFKA_CLIENT_".length())
                            .toLowerCase(Locale.ROOT)
                            .replace('_', '.');
              }
              if (key == null) {
                throw new SettingsException(
                    name
                        + ": no setting has this name; did you mean "
                        + nearest(name, names.keySet())
                        + "?");
              }
              put(tree, key, LISTS.contains(key) ? list(name, value) : tree.textNode(value));
            });
  }

  private static JsonNode list(String name, String value) {
    try {
      JsonNode list = YAML.readTree(value);
      return list.isMissingNode() ? JSON.nullNode() : list;
    } catch (JsonProcessingException e) {
      throw new SettingsException(name + ": not YAML: " + firstLine(e.getOriginalMessage()));
    }
  }

  /** Every key by the name of its environment variable. */
  static Map<String, String> keys() {
    Map<String, String> names = new LinkedHashMap<>();
    collect("", Settings.class, names);
    return names;
  }

  private static void collect(String prefix, Class<?> record, Map<String, String> names) {
    for (RecordComponent component : record.getRecordComponents()) {
      String key =
          prefix
              + PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(component.getName());
      if (component.getType().isRecord()) {
        collect(key + ".", component.getType(), names);
      } else if (component.getType() == List.class
          || !(component.getGenericType() instanceof ParameterizedType)) {
        names.put(PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'), key);
      }
    }
  }

  private static String explain(JsonProcessingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      Collection<String> known =
          unknown.getKnownPropertyIds().stream().map(Object::toString).toList();
      String parent = path(unknown.getPath().subList(0, unknown.getPath().size() - 1));
      String near = nearest(unknown.getPropertyName(), known);
      return path(unknown.getPath())
          + ": no setting has this name; did you mean "
          + (parent.isEmpty() ? near : parent + "." + near)
          + "?";
    }
    Throwable cause = e.getCause();
    String path = e instanceof JsonMappingException mapping ? path(mapping.getPath()) : "";
    if (cause instanceof IllegalArgumentException refused) {
      return refused.getMessage().contains(": ") || path.isEmpty()
          ? refused.getMessage()
          : path + ": " + refused.getMessage();
    }
    if (e instanceof InvalidFormatException wrong && wrong.getTargetType().isEnum()) {
      return path + ": " + wrong.getValue() + " is none of " + names(wrong.getTargetType());
    }
    log.debug("a setting of the wrong kind", e);
    return path + ": not a value of the kind that this setting takes";
  }

  private static String path(Collection<JsonMappingException.Reference> references) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference reference : references) {
      if (reference.getFieldName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(reference.getFieldName());
      }
    }
    return path.toString();
  }

  private static String names(Class<?> kind) {
    return Arrays.stream(kind.getEnumConstants())
        .map(value -> value.toString().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String nearest(String name, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .orElseThrow();
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
