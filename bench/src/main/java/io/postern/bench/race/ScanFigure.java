package io.postern.bench.race;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a client does with a large mailbox, how long it takes, and how long it may, peer = 1. */
enum ScanFigure {
  COLD("login to STAT, cold, ms", "/connect_to_stat/p50_ms", 1, 3),
  WARM("login to STAT, warm, ms", "/connect_to_stat/p50_ms", 1, 1),
  LIST("LIST, ms", "/rounds/0/list_s", 1000, 1),
  UIDL("UIDL, ms", "/rounds/0/uidl_s", 1000, 1),
  TOP("TOP n 0 of all, s", "/rounds/0/top_s", 1, 1),
  DELETION("deletion of all, s", "/secs", 1, 1);

  /** What one mailbox of both took. */
  record Pair(Map<ScanFigure, Double> ours, Map<ScanFigure, Double> theirs) {
    static Pair empty() {
      return new Pair(new EnumMap<>(ScanFigure.class), new EnumMap<>(ScanFigure.class));
    }

    /** Takes further figures of the same. */
    void add(Pair further) {
      ours.putAll(further.ours);
      theirs.putAll(further.theirs);
    }
  }

  private final String title;
  private final String pointer;
  private final double factor;
  private final double most;

  ScanFigure(String title, String pointer, double factor, double most) {
    this.title = title;
    this.pointer = pointer;
    this.factor = factor;
    this.most = most;
  }

  /** Reads it off what the load program says. */
  double of(JsonNode run) {
    return factor * run.at(pointer).asDouble();
  }

  /** A row of the table. */
  String row(List<Pair> pairs) {
    return compared(pairs).row(title, most);
  }

  boolean met(List<Pair> pairs) {
    return compared(pairs).isWithin(most);
  }

  private Compared compared(List<Pair> pairs) {
    return new Compared(
        pairs.stream()
            .map(pair -> new Compared.Pair(pair.ours().get(this), pair.theirs().get(this)))
            .toList());
  }

  /** For a line of progress. */
  String said(double value) {
    return title + " " + Figure.format(value);
  }
}
