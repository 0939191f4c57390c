package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableFactory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the tables of one instance, within one budget of entries.
 *
 * <p>The engine itself writes a table's growth back into the shared module, does not look at the
 * interrupt flag in operations on tables, and cannot make a table smaller again: each table here
 * has limits and entries of its own.
 */
final class GuestTables implements TableFactory {

  private final List<GuestTable> tables = new ArrayList<>();
  private long entriesLeft;

  GuestTables(int entries) {
    this.entriesLeft = entries;
  }

  @Override
  public TableInstance create(Table table, int initialValue) {
    long initial = table.limits().min();
    if (initial > entriesLeft) {
      throw new ModuleException(
          "its table begins with %d entries, over the limit for all its tables".formatted(initial));
    }
    entriesLeft -= initial;
    GuestTable made = new GuestTable(table, initialValue);
    tables.add(made);
    return made;
  }

  /** The entries of all tables as they are now. */
  int[][] entries() {
    return tables.stream().map(table -> table.entries.clone()).toArray(int[][]::new);
  }

  /** Brings all tables back to the entries they once had. */
  void restore(int[][] entries) {
    for (int i = 0; i < entries.length; i++) {
      tables.get(i).restore(entries[i]);
    }
  }

  private final class GuestTable extends TableInstance {

    private final TableLimits limits;
    private int[] entries;

    GuestTable(Table table, int initialValue) {
      super(new Table(table.elementType(), new TableLimits(0)), initialValue);
      limits = new TableLimits(table.limits().min(), table.limits().max());
      entries = new int[(int) limits.min()];
      Arrays.fill(entries, initialValue);
    }

    void restore(int[] before) {
      entriesLeft += entries.length - before.length;
      if (entries.length == before.length) {
        System.arraycopy(before, 0, entries, 0, before.length);
      } else {
        entries = before.clone();
      }
    }

    @Override
    public int size() {
      return entries.length;
    }

    @Override
    public TableLimits limits() {
      return limits;
    }

    @Override
    public int ref(int index) {
      if (index < 0 || index >= entries.length) {
        throw new ChicoryException("undefined element");
      }
      return entries[index];
    }

    @Override
    public int requiredRef(int index) {
      int ref = ref(index);
      if (ref == Value.REF_NULL_VALUE) {
        throw new ChicoryException("uninitialized element " + index);
      }
      return ref;
    }

    /** Null stands for the instance that asks: no function of another one gets in here. */
    @Override
    @SuppressWarnings("NullAway") // the engine's packages say nothing of nulls
    public Instance instance(int index) {
      return null;
    }

    @Override
    public int grow(int more, int value, Instance instance) {
      checkInterrupt();
      int size = entries.length;
      if (more < 0 || more > entriesLeft || size + (long) more > limits.max()) {
        return -1;
      }
      entriesLeft -= more;
      int[] larger = Arrays.copyOf(entries, size + more);
      Arrays.fill(larger, size, larger.length, value);
      entries = larger;
      return size;
    }

    @Override
    public void setRef(int index, int value, Instance instance) {
      checkInterrupt();
      if (index < 0 || index >= entries.length) {
        throw new UninstantiableException("out of bounds table access");
      }
      entries[index] = value;
    }

    @Override
    public void reset() {
      Arrays.fill(entries, Value.REF_NULL_VALUE);
    }
  }

  private static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new ChicoryInterruptedException("interrupted in an operation on a table");
    }
  }
}
