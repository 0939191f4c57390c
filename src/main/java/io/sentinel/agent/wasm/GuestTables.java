package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableFactory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;

/**
 * Makes the tables of one instance, within one budget of entries.
 *
 * <p>The engine itself writes a table's growth back into the shared module, and does not look at
 * the interrupt flag in operations on tables: each table here has limits of its own, and looks.
 */
final class GuestTables implements TableFactory {

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
    return new GuestTable(table, initialValue);
  }

  private final class GuestTable extends TableInstance {

    GuestTable(Table table, int initialValue) {
      super(
          new Table(
              table.elementType(), new TableLimits(table.limits().min(), table.limits().max())),
          initialValue);
    }

    @Override
    public int grow(int more, int value, Instance instance) {
      checkInterrupt();
      if (more < 0 || more > entriesLeft || size() + (long) more > limits().max()) {
        return -1;
      }
      entriesLeft -= more;
      return super.grow(more, value, instance);
    }

    @Override
    public void setRef(int index, int value, Instance instance) {
      checkInterrupt();
      super.setRef(index, value, instance);
    }
  }

  private static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new ChicoryInterruptedException("interrupted in an operation on a table");
    }
  }
}
