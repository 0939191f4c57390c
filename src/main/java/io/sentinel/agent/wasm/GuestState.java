package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.Element;
import java.util.ArrayList;
import java.util.List;

/**
 * All that an instance can change, as it was at one moment: memories, globals, tables, and which
 * segments it has dropped. Belongs to the guest it was taken of.
 */
public final class GuestState {

  private final Instance instance;
  private final GuestTables tables;
  private final List<GuestMemory.Contents> memories = new ArrayList<>();
  private final long[] globals;
  private final int[][] tableEntries;
  private final Element[] elements;

  GuestState(Instance instance, GuestTables tables) {
    this.instance = instance;
    this.tables = tables;
    int memoryCount = instance.module().memorySection().orElseThrow().memoryCount();
    for (int i = 0; i < memoryCount; i++) {
      memories.add(memory(i).contents());
    }
    globals = new long[2 * instance.globalCount()];
    for (int i = 0; i < instance.globalCount(); i++) {
      GlobalInstance global = instance.global(i);
      globals[2 * i] = global.getValueLow();
      globals[2 * i + 1] = global.getValueHigh();
    }
    tableEntries = tables.entries();
    elements = new Element[instance.elementCount()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = instance.element(i);
    }
  }

  /** Brings the guest back to it, between two calls; as often as one likes. */
  public void restore() {
    for (int i = 0; i < memories.size(); i++) {
      memory(i).restore(memories.get(i));
    }
    for (int i = 0; i < globals.length / 2; i++) {
      GlobalInstance global = instance.global(i);
      global.setValueLow(globals[2 * i]);
      global.setValueHigh(globals[2 * i + 1]);
    }
    tables.restore(tableEntries);
    for (int i = 0; i < elements.length; i++) {
      instance.setElement(i, elements[i]);
    }
  }

  private GuestMemory memory(int index) {
    Memory memory = instance.memory(index);
    return (GuestMemory) memory;
  }
}
