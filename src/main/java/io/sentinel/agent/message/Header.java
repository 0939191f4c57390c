package io.sentinel.agent.message;

import java.util.List;

/**
 * One header of a message with all its values, in the order in which they came. The name is as the
 * proxy sent it (lower case, today); the list may be empty.
 */
public record Header(String name, List<String> values) {

  public Header {
    values = List.copyOf(values);
  }
}
