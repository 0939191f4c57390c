package io.sentinel.agent.message;

import java.util.ArrayList;
import java.util.List;

/** What the proxy's audit log shall say about an answer. */
public record Audit(List<String> tags, List<String> reasonCodes) {

  public static final Audit NONE = new Audit(List.of(), List.of());

  public Audit {
    tags = List.copyOf(tags);
    reasonCodes = List.copyOf(reasonCodes);
  }

  public static Audit ofTags(List<String> tags) {
    return tags.isEmpty() ? NONE : new Audit(tags, List.of());
  }

  public Audit withTag(String tag) {
    List<String> more = new ArrayList<>(tags);
    more.add(tag);
    return new Audit(more, reasonCodes);
  }
}
