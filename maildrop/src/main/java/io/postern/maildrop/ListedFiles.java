package io.postern.maildrop;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The regular files that a directory held when it was listed, with their sizes. Not thread-safe.
 */
final class ListedFiles {
  private static final int UNKNOWN = -1;

  private final String[] names;
  private final long[] sizes;

  /**
   * Open addressing: a name's place plus one, from the place that its hash says. Empty until a name
   * is looked for, which a directory that has not changed does not need.
   */
  private int[] places = {};

  private boolean forgotten;

  /**
   * What was found.
   *
   * @param names in order; both arrays are this object's own from now on
   */
  ListedFiles(String[] names, long[] sizes) {
    this.names = names;
    this.sizes = sizes;
  }

  /** The name's place, counted from 0 in order, or a negative number. */
  private int place(String name) {
    if (places.length == 0) {
      places = new int[Integer.highestOneBit(Math.max(1, names.length)) * 4];
      for (int i = 0; i < names.length; i++) {
        places[slot(names[i])] = i + 1;
      }
    }
    return places[slot(name)] - 1;
  }

  /** Where the name is, or where it would be put. */
  private int slot(String name) {
    int hash = name.hashCode();
    int slot = (hash ^ (hash >>> 15)) & (places.length - 1);
    while (places[slot] != 0 && !names[places[slot] - 1].equals(name)) {
      slot = (slot + 1) & (places.length - 1);
    }
    return slot;
  }

  /** All of them, in order; absent where a size is not known. */
  Optional<List<ObjectStore.Entry>> all() {
    if (forgotten) {
      return Optional.empty();
    }
    List<ObjectStore.Entry> all = new ArrayList<>(names.length);
    for (int i = 0; i < names.length; i++) {
      all.add(new ObjectStore.Entry(names[i], sizes[i]));
    }
    return Optional.of(all);
  }

  int count() {
    return names.length;
  }

  /** The place of the name whose size is known, counted from 0 in order, or a negative number. */
  int find(String name) {
    int place = place(name);
    return place >= 0 && sizes[place] == UNKNOWN ? -1 : place;
  }

  String name(int place) {
    return names[place];
  }

  long sizeBytes(int place) {
    return sizes[place];
  }

  /** The file may have another size now. Says whether it is here. */
  boolean forget(String name) {
    int place = place(name);
    if (place >= 0) {
      sizes[place] = UNKNOWN;
      forgotten = true;
    }
    return place >= 0;
  }
}
