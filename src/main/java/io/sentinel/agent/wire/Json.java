package io.sentinel.agent.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/** The JSON the wire takes: strict, in UTF-8, and bounded. */
public final class Json {

  /** As deep as the reference's parser goes. */
  private static final int MAX_DEPTH = 128;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Protocol.V2.maxLength())
                  .maxNameLength(Protocol.V2.maxLength())
                  .build())
          .build();

  private Json() {}

  /**
   * One for a single text: a factory keeps the names of all fields that its parsers have seen, and
   * peers can make up ever new ones.
   */
  public static JsonFactory factory() {
    return FACTORY.copy();
  }
}
