package io.postern.maildrop;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
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

  static ListedFiles none() {
    return new ListedFiles(new String[0], new long[0]);
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

  /** All of them as they are now; absent where a size is not known. */
  Optional<ListedFiles> all() {
    return forgotten ? Optional.empty() : Optional.of(copy());
  }

  /** The same in an object of its own. */
  ListedFiles copy() {
    ListedFiles copy = new ListedFiles(names, sizes.clone());
    copy.places = places;
    copy.forgotten = forgotten;
    return copy;
  }

  /** Those at these places, as they are now. Their sizes are known. */
  ListedFiles only(BitSet wanted) {
    int count = wanted.cardinality();
    if (count == names.length) {
      return copy();
    }
    int[] from = wanted.stream().toArray();
    String[] theirNames = new String[count];
    long[] theirSizes = new long[count];
    for (int i = 0; i < count; i++) {
      theirNames[i] = names[from[i]];
      theirSizes[i] = sizes[from[i]];
    }
    return new ListedFiles(theirNames, theirSizes);
  }

  /** These and others, of other names and in any order. */
  ListedFiles with(List<ObjectStore.Entry> others) {
    if (others.isEmpty()) {
      return this;
    }
    List<ObjectStore.Entry> sorted = new ArrayList<>(others);
    sorted.sort(Comparator.comparing(ObjectStore.Entry::key));
    int count = names.length + sorted.size();
    String[] allNames = new String[count];
    long[] allSizes = new long[count];
    int own = 0;
    int other = 0;
    for (int i = 0; i < count; i++) {
      if (other == sorted.size()
          || own < names.length && names[own].compareTo(sorted.get(other).key()) < 0) {
        allNames[i] = names[own];
        allSizes[i] = sizes[own++];
      } else {
        allNames[i] = sorted.get(other).key();
        allSizes[i] = sorted.get(other++).sizeBytes();
      }
    }
    return new ListedFiles(allNames, allSizes);
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
