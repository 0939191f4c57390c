package io.sentinel.agent.wire.v2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Names that come twice in MessagePack, whose parser does not look for them. */
class MessagePackEventTest {

  private final V2Codec codec = new V2Codec(new Capabilities("test", Set.of(), 1, false));

  /** Writes maps whose names and values are told in turn. */
  private interface Content {
    void write(MessageBufferPacker out) throws IOException;
  }

  @Test
  void eventWithoutDoubledNamesIsRead() throws IOException {
    Inbound.Event read =
        assertInstanceOf(Inbound.Event.class, configure(out -> map(out, "a", "b"), "x", "y"));
    assertEquals("c-1", read.event().correlationId());
  }

  @Test
  void doubledNameInAConfigurationIsRejected() throws IOException {
    assertRejected(configure(out -> map(out, "pool-size", "pool-size"), "x", "y"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void doubledNameOutsideTheKnownFieldsIsRejected(int depth) throws IOException {
    assertRejected(
        depth == 1
            ? configure(out -> map(out, "a", "b"), "x", "x")
            : configure(out -> map(out, "a", "b"), out -> map(out, "y", "y")));
  }

  @Test
  void correlationIdMayComeTwice() throws IOException {
    Inbound.Event read =
        assertInstanceOf(
            Inbound.Event.class,
            configure(out -> map(out, "a", "b"), "correlation_id", "correlation_id"));
    assertEquals("v1", read.event().correlationId());
  }

  /** The parser of MessagePack has null for such names, or fails. */
  @Test
  void nameThatIsNoStringIsRejected() throws IOException {
    List<Content> names =
        List.of(
            out -> out.packInt(7),
            MessageBufferPacker::packNil,
            out -> out.packArrayHeader(0),
            out -> out.packMapHeader(0),
            out -> out.packBinaryHeader(1).writePayload(new byte[1]));
    for (Content name : names) {
      Inbound inbound =
          event(
              out -> {
                out.packMapHeader(2);
                out.packString("correlation_id").packString("c-1");
                name.write(out);
                out.packInt(1);
              });
      Inbound.BadEvent bad = assertInstanceOf(Inbound.BadEvent.class, inbound);
      assertTrue(bad.problem().contains("a name that is no string"), bad.problem());
    }
  }

  private Inbound configure(Content config, String extra, String another) throws IOException {
    return event(
        out -> {
          out.packMapHeader(4);
          out.packString("correlation_id").packString("c-1");
          out.packString("config");
          config.write(out);
          out.packString(extra).packString("v0");
          out.packString(another).packString("v1");
        });
  }

  private Inbound configure(Content config, Content unknown) throws IOException {
    return event(
        out -> {
          out.packMapHeader(3);
          out.packString("correlation_id").packString("c-1");
          out.packString("config");
          config.write(out);
          out.packString("unknown");
          unknown.write(out);
        });
  }

  private Inbound event(Content content) throws IOException {
    byte[] greeting = new V2ProxyCodec(Encoding.MESSAGE_PACK).greeting().orElseThrow();
    codec.decode(new Frame(greeting, 4, greeting.length - 4));
    try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
      content.write(out);
      byte[] payload = out.toByteArray();
      byte[] frame = new byte[payload.length + 1];
      frame[0] = MessageType.CONFIGURE.number();
      System.arraycopy(payload, 0, frame, 1, payload.length);
      return codec.decode(new Frame(frame, 0, frame.length));
    }
  }

  private static void map(MessageBufferPacker out, String first, String second) throws IOException {
    out.packMapHeader(2);
    out.packString(first).packInt(1);
    out.packString(second).packInt(2);
  }

  private static void assertRejected(Inbound inbound) {
    Inbound.BadEvent bad = assertInstanceOf(Inbound.BadEvent.class, inbound);
    assertEquals(EventType.CONFIGURE, bad.type());
    assertEquals("c-1", bad.correlationId());
    assertTrue(bad.problem().contains("comes twice"), bad.problem());
  }
}
