package io.sentinel.agent.bench;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Bytes to an event, and a reply to bytes, as on one connection. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecWork {

  @Param({"V1", "V2_JSON", "V2_MESSAGE_PACK"})
  Speech speech;

  @Param({"10", "30", "100"})
  int headers;

  private final FrameBuffer out = new FrameBuffer();
  private final AgentReply reply =
      new AgentReply(
          Decision.allow(),
          List.of(
              new HeaderOp.Set("x-wasm-policy", "checked"), new HeaderOp.Remove("x-debug")),
          List.of(),
          Audit.NONE);

  private byte[] frame;
  private Codec codec;
  private FrameDecoder decoder;
  private AgentEvent event;

  @Setup
  public void prepare() {
    frame = Requests.frame(speech, headers);
    codec = Requests.codec(speech);
    decoder = new FrameDecoder(speech.protocol());
    event = Requests.event(headers);
    if (!(decode() instanceof Inbound.Event(AgentEvent decoded))
        || !decoded.correlationId().equals(event.correlationId())) {
      throw new IllegalStateException("the frame is not the event");
    }
  }

  @Benchmark
  public Inbound decode() {
    return codec.decode(Requests.only(decoder, frame));
  }

  @Benchmark
  public byte[] encode() {
    codec.encode(reply, event, out);
    return out.drain();
  }
}
