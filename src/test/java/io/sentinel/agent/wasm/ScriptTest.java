package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sentinel.agent.Events;
import io.sentinel.agent.Guests;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.HeaderOp;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts are given, may return, and are told when they are wrong. */
class ScriptTest {

  @TempDir private Path folder;

  private final List<String> lines = new ArrayList<>();

  private final GuestOutput output =
      new GuestOutput() {
        @Override
        public void line(Optional<AgentEvent> event, String line) {
          lines.add(line);
        }

        @Override
        public void lost(Optional<AgentEvent> event, long bytes) {}
      };

  @Test
  void javascriptIsGivenTheEventAndReturnsTheDecision() throws IOException {
    Guest guest =
        guest(
            "p.js",
            """
            function on_request_headers(r) {
              console.log("seen", r.method, r.uri, { ip: r.client_ip });
              console.warn("w");
              return { decision: "ALLOW", tags: [r.headers["a"]],
                add_request_headers: { "X-Ip": r.client_ip }, remove_request_headers: ["b"],
                add_response_headers: { "x-y": "1" }, remove_response_headers: ["c"] };
            }
            """);
    AgentReply reply = guest.call(Events.request("/x?y", "a", "1"));
    assertEquals(List.of("1"), reply.audit().tags());
    assertEquals(
        List.of(new HeaderOp.Set("X-Ip", "192.0.2.7"), new HeaderOp.Remove("b")),
        reply.requestHeaders());
    assertEquals(
        List.of(new HeaderOp.Set("x-y", "1"), new HeaderOp.Remove("c")), reply.responseHeaders());
    assertEquals(List.of("seen GET /x?y {\"ip\":\"192.0.2.7\"}", "warning: w"), lines);
  }

  @Test
  void luaIsGivenTheEventAsGlobalAndReturnsTheDecision() throws IOException {
    Guest guest =
        guest(
            "p.lua",
            """
            function on_request_headers()
              print("seen", request.method, request.uri)
              return { status = 451.0, decision = "deny", body = request.headers["a"], tags = { 7 } }
            end
            function on_response_headers()
              return { add_response_headers = { ["x-s"] = response.status } }
            end
            """);
    AgentReply reply = guest.call(Events.request("/x", "a", "1"));
    assertEquals(new Decision.Block(451, Optional.of("1")), reply.decision());
    assertEquals(List.of("7"), reply.audit().tags());
    assertEquals(List.of("seen\\tGET\\t/x".replace("\\t", "\t")), lines);
    AgentReply response = guest.call(Events.response(204));
    assertEquals(Decision.allow(), response.decision());
    assertEquals(List.of(new HeaderOp.Set("x-s", "204")), response.responseHeaders());
  }

  /** Jobs that throw or catch after it do not take its place. */
  @ParameterizedTest
  @ValueSource(strings = {"throw 1", "try { throw 1 } catch (e) {}"})
  void handlersOwnErrorIsTold(String job) throws IOException {
    Guest guest =
        guest(
            "p.js",
            """
            function on_request_headers(r) {
              Promise.resolve().then(() => { %s });
              throw new Error("no tenant for " + r.uri);
            }
            """
                .formatted(job));
    GuestException e = assertThrows(GuestException.class, () -> guest.call(Events.request("/x")));
    assertTrue(String.valueOf(e.getMessage()).contains("p.js:3:"), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("no tenant for /x"), e.getMessage());
  }

  @Test
  void whatAFailedCallBeganToPrintIsNotTheNextOnes() throws IOException {
    Guest guest =
        guest(
            "p.lua",
            """
            function on_request_headers()
              if request.uri == "/fails" then
                print("secret", setmetatable({}, { __tostring = function() error("x") end }))
              end
              print("ok")
            end
            """);
    assertThrows(GuestException.class, () -> guest.call(Events.request("/fails")));
    guest.call(Events.request("/"));
    assertEquals(List.of("ok"), lines);
  }

  @Test
  void lineThatIsLoggedIsNotCopiedWhole() throws IOException {
    Guest guest =
        guest(
            "p.lua",
            """
            local long = string.rep("x", 1024 * 1024)
            function on_request_headers()
              for _ = 1, 100 do sentinel.log("info", long) end
            end
            """);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    guest.call(Events.request("/"));
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 10 << 20, () -> allocated + " bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "p.js, 'function on_request_headers() { return null }'",
    "p.js, 'function on_request_headers() {}'",
    "p.js, 'const on_request_headers = async () => ({ decision: \"allow\" })'",
    "p.lua, 'function on_request_headers() return nil end'",
    "p.lua, 'function on_request_headers() return {} end'",
  })
  void nothingReturnedIsToAllow(String name, String source) throws IOException {
    assertEquals(Decision.allow(), guest(name, source).call(Events.request("/")).decision());
  }

  @ParameterizedTest
  @CsvSource({
    "p.js, '\n\nfunction on_request_headers() { null.x }', 'p.js:3:33: TypeError'",
    "p.lua, '\n\nfunction on_request_headers() error(\"so\") end', 'p.lua:3: so'",
  })
  void ownErrorNamesItsPlaceAndLeavesTheGuestSound(String name, String source, String message)
      throws IOException {
    Guest guest = guest(name, source);
    for (int i = 0; i < 3; i++) {
      GuestException e = assertThrows(GuestException.class, () -> guest.call(Events.request("/")));
      assertEquals(Code.SCRIPT_ERROR, e.code());
      assertTrue(String.valueOf(e.getMessage()).startsWith(message), e.getMessage());
      assertTrue(e.guestIsSound());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "p.js, '\nfunction (', p.js:2:",
    "p.js, 'throw new Error(\"at load\")', p.js:1:",
    "p.js, 'let x = 1', it defines neither",
    "p.lua, '\nfunction (', p.lua:2:",
    "p.lua, 'x = 1', it defines neither",
  })
  void scriptThatCannotBeUsedIsRefused(String name, String source, String message) {
    ModuleException e = assertThrows(ModuleException.class, () -> guest(name, source));
    assertTrue(String.valueOf(e.getMessage()).startsWith(message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "p.js, 'let n = 0; function on_request_headers() { return {decision:\"allow\", tags:[\"\"+ ++n]} }'",
    "p.lua, 'n = 0 function on_request_headers() n = n + 1 return { tags = { n } } end'",
  })
  void globalsLastUntilTheStateIsRestored(String name, String source) throws IOException {
    Guest guest = guest(name, source);
    GuestState fresh = guest.state();
    assertEquals(List.of("1"), guest.call(Events.request("/")).audit().tags());
    assertEquals(List.of("2"), guest.call(Events.request("/")).audit().tags());
    fresh.restore();
    assertEquals(List.of("1"), guest.call(Events.request("/")).audit().tags());
  }

  @Test
  void onlyWhatTheScriptDefinesIsHandled() throws IOException {
    CompiledModule module = load("p.lua", "function on_response_headers() end");
    assertTrue(module.handles(EventType.RESPONSE_HEADERS));
    assertFalse(module.handles(EventType.REQUEST_HEADERS));
  }

  @Test
  void everyPartOfJavascriptDoesWhatItShall() {
    Path script = Path.of("src/test/resources/scripts/language.js");
    Guest guest = Guests.compiled(script).instantiate(output);
    for (int i = 0; i < 3; i++) { // it keeps caches of its own
      assertEquals(List.of(), guest.call(Events.request("/")).audit().tags());
    }
  }

  /** The engine expects each event to be like the one before; these are not. */
  @Test
  void eventsArriveWholeHoweverTheyDiffer() throws IOException {
    Guest guest =
        guest(
            "p.js",
            """
            function on_request_headers(r) {
              const headers = Object.entries(r.headers).map(([name, value]) => name + "=" + value);
              if (r.uri === "/change") {
                delete r.method; r.headers.added = "1"; delete r.headers.a; Object.freeze(r.headers);
              }
              return { decision: "block", body: [r.method, r.uri, ...headers.sort()].join("\\n") };
            }
            """);
    List<String[]> sets =
        List.of(
            new String[] {"a", "1", "b", "2", "c", "3"},
            new String[] {"a", "1", "b", "2", "c", "3"},
            new String[] {"a", "4", "b", "5"},
            new String[] {"a", "1", "b", "2", "c", "3", "d", "4"},
            new String[] {"c", "1", "b", "2", "a", "3"},
            new String[] {},
            new String[] {"", "", "0", "zero", "1", "one", "00", "x", "4294967295", "y"},
            new String[] {"__proto__", "p", "constructor", "c", "length", "l", "tostring", "t"},
            new String[] {"a", "\"quoted\" \\ / \b\f\t", "b", "zażółć", "c", "\ud83d\ude00"},
            new String[] {"a\"b", "1", "ż", "2", "b\\", "3"},
            new String[] {"x".repeat(300), "y".repeat(5000), "a", "1"},
            many(63),
            many(64),
            many(65),
            many(1000));
    for (String uri : List.of("/", "/change", "/?%22=\"&x=ż")) {
      for (String[] first : sets) {
        for (String[] headers : List.of(first, sets.getFirst(), first)) {
          AgentEvent event = Events.request(uri, headers);
          Set<String> expected = new TreeSet<>();
          for (int i = 0; i < headers.length; i += 2) {
            expected.add(headers[i] + "=" + headers[i + 1]);
          }
          String method = uri.equals("/change") ? "" : "GET";
          assertEquals(
              Stream.concat(Stream.of(method, uri), expected.stream())
                  .collect(Collectors.joining("\n")),
              ((Decision.Block) guest.call(event).decision()).body().orElseThrow());
        }
      }
    }
  }

  private static String[] many(int headers) {
    return IntStream.range(0, headers)
        .boxed()
        .flatMap(i -> Stream.of("x-" + i, String.valueOf(i)))
        .toArray(String[]::new);
  }

  private Guest guest(String name, String source) throws IOException {
    return load(name, source).instantiate(output);
  }

  private CompiledModule load(String name, String source) throws IOException {
    Path file = Files.writeString(folder.resolve(name), source);
    return Guests.engine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED).load(file);
  }
}
