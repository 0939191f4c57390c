package io.sentinel.agent.message;

/** A change to one header. */
public sealed interface HeaderOp {

  String name();

  /** Replaces every value of the header by this one. */
  record Set(String name, String value) implements HeaderOp {}

  /** Adds a value to those the header has. */
  record Add(String name, String value) implements HeaderOp {}

  /** Takes the header away. */
  record Remove(String name) implements HeaderOp {}
}
