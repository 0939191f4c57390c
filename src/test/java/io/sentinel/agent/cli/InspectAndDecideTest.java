package io.sentinel.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.Guests;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What {@code inspect} and {@code decide} print of real modules, and how they end. */
class InspectAndDecideTest {

  private static final String RUST = "examples/rust/policy.wasm";
  private static final String GO = "examples/go/policy.wasm";

  @TempDir private Path directory;

  private record Ran(int exitCode, String out, String err) {}

  @ParameterizedTest
  @ValueSource(
      strings = {RUST, GO, "examples/c/policy.wasm", "examples/assemblyscript/policy.wasm"})
  void modulesThatLoadAreFoundToLoad(String module) throws Exception {
    JsonNode found = inspect(0, module);
    assertTrue(found.get("loads").asBoolean());
    assertTrue(found.get("problem").isNull());
    assertEquals(Files.size(Path.of(module)), found.get("bytes").asLong());
    assertEquals(module.equals(GO), !found.get("reference_loads").asBoolean());
    assertEquals("[]", found.get("interpreted").toString());
    assertTrue(found.get("memory_bytes").asInt() >= 65_536);
  }

  @Test
  void importsToolchainAndFeaturesAreRead() throws Exception {
    JsonNode found = inspect(0, GO);
    assertEquals("Go", found.at("/producers/0/name").asText());
    assertTrue(features(found).contains("bulk memory"), features(found));
    assertTrue(found.get("imports").size() > 10);
    found.get("imports").forEach(i -> assertTrue(i.get("offered").asBoolean(), i.toString()));
    JsonNode refused = inspect(1, GO, "--allow-imports", "none");
    assertFalse(refused.at("/imports/0/offered").asBoolean());
    assertTrue(refused.get("problem").asText().contains("imports what is not offered"));
  }

  @ParameterizedTest
  @CsvSource({
    "alloc-missing, alloc, missing, does not export the function alloc",
    "memory-export-missing, memory, missing, does not export its memory",
    "handlers-missing, on_request_headers, missing, exports neither",
    "alloc-takes-i64, alloc, wrong, its function alloc is"
  })
  void exportsThatAreNotAsWantedAreNamed(
      String module, String export, String presence, String problem) throws Exception {
    JsonNode found = inspect(1, Guests.hostile(module).toString());
    assertTrue(found.get("problem").asText().contains(problem), found.toString());
    assertFalse(found.get("reference_loads").asBoolean());
    for (JsonNode one : found.get("exports")) {
      if (one.get("name").asText().equals(export)) {
        assertEquals(presence, one.get("presence").asText());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "simd-in-handler, SIMD",
    "memory-shared-atomic-wait, threads",
    "memory-64, memory64",
    "gc-i31-in-global, GC",
  })
  void featuresAreToldAlsoWhereTheyAreRefused(String module, String feature) throws Exception {
    JsonNode found = inspect(1, Guests.hostile(module).toString());
    assertTrue(features(found).contains(feature), found.toString());
  }

  /** The engine compiles each function to a method, and a method has 64 KiB at most. */
  @Test
  void functionsLeftToTheInterpreterAreListed() throws Exception {
    String module = Guests.hostile("function-over-64k-of-bytecode").toString();
    JsonNode found = inspect(0, module);
    assertEquals(1, found.get("interpreted").size(), found.toString());
    String function = found.at("/interpreted/0").asText();
    assertTrue(
        run("inspect", module).out().contains("all functions but 1, which are slow: " + function),
        function);
  }

  @Test
  void filesThatAreNoModulesAreRefused() throws Exception {
    assertComplaint("there is no such file", run("inspect", "no-such.wasm"));
    assertComplaint("not a WebAssembly module", run("inspect", "pom.xml"));
    Path cut = directory.resolve("cut.wasm");
    byte[] whole = Files.readAllBytes(Path.of(RUST));
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    JsonNode found = inspect(1, cut.toString());
    assertTrue(found.get("problem").asText().contains("not a valid module"), found.toString());
    assertFalse(found.has("exports"));
  }

  @Test
  void textSaysBothVerdicts() {
    Ran ran = run("inspect", GO);
    assertEquals(0, ran.exitCode(), ran.err());
    assertTrue(ran.out().contains("\nhere: loads\n"), ran.out());
    assertTrue(ran.out().contains("in the Rust agent 0.1.0: fails on each event"), ran.out());
    assertTrue(ran.out().contains("export alloc (i32) -> (i32): found"), ran.out());
  }

  @Test
  void decisionIsPrintedAsSendPrintsIt() {
    Ran ran = run("decide", RUST, "--uri", "/admin");
    assertEquals(0, ran.exitCode(), ran.err());
    assertTrue(
        ran.out()
            .startsWith("block 403\n  body: Authorization required\n  tags: auth-required\nfirst"),
        ran.out());
    ran = run("decide", RUST, "--uri", "/admin", "-H", "Authorization: x");
    assertTrue(ran.out().startsWith("allow\n  set request header: x-wasm-policy"), ran.out());
    ran = run("decide", RUST, "--event", "response_headers", "--status", "503");
    assertTrue(ran.out().contains("tags: upstream-error"), ran.out());
  }

  @Test
  void repeatedCallsGiveADistribution() throws Exception {
    JsonNode ran = json(run("decide", RUST, "--repeat", "50", "--json"), 0);
    assertEquals("allow", ran.get("decision").asText());
    assertEquals(50, ran.get("calls").asInt());
    assertTrue(ran.get("p50_us").asDouble() > 0);
    assertTrue(ran.get("p50_us").asDouble() <= ran.get("max_us").asDouble());
    assertEquals(ran.get("memory_bytes"), ran.get("memory_bytes_after"));
  }

  @ParameterizedTest
  @CsvSource({
    "unreachable-in-handler, trap",
    "result-over-the-end, bad-result",
    "loop-in-handler, timeout"
  })
  void moduleErrorsAreNamed(String module, String code) throws Exception {
    Ran ran =
        run(
            "decide",
            Guests.hostile(module).toString(),
            "--uri",
            "/sin",
            "--timeout",
            "200ms",
            "--json");
    assertEquals(code, json(ran, 1).get("error").asText());
  }

  @ParameterizedTest
  @CsvSource({
    "languages-assemblyscript, /throw, trap, misdeeds.ts:13:5: no rule for this",
    "languages-c, /iovec, trap, fd_write: a vector of 4294967295 bytes at ",
    "languages-c, /vectors, trap, fd_write: 1000000000 vectors at "
  })
  void failuresSayWhatTheModuleDid(String guest, String uri, String code, String detail)
      throws Exception {
    JsonNode ran = json(run("decide", Guests.guest(guest).toString(), "--uri", uri, "--json"), 1);
    assertEquals(code, ran.get("error").asText());
    assertTrue(ran.get("detail").asText().contains(detail), ran.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "p.js, 'function on_request_headers() {\n  return null.x }', p.js:2:10: TypeError: ",
    "p.js, 'function on_request_headers() {\n\n  return missing }', p.js:3:10: ReferenceError: ",
    "p.js, 'function on_request_headers() {\n  return [][0][1] }', p.js:2:10: TypeError: ",
    "p.js, 'function on_request_headers() {\n  throw 42 }', p.js: thrown: 42",
    "p.lua, 'function on_request_headers()\n  error(\"so\") end', p.lua:2: so",
    "p.lua, 'function on_request_headers()\n  return nil + 1 end', p.lua:2: attempt to perform"
  })
  void errorsOfScriptsAreShownWithTheirPlace(String name, String source, String detail)
      throws Exception {
    Path script = Files.writeString(directory.resolve(name), source);
    Ran ran = run("decide", script.toString());
    assertEquals(1, ran.exitCode(), ran.err());
    assertTrue(ran.out().startsWith("module error: script-error: " + detail), ran.out());
    JsonNode found = json(run("decide", script.toString(), "--json"), 1);
    assertEquals("script-error", found.get("error").asText());
    assertTrue(found.get("detail").asText().startsWith(detail), found.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"examples/javascript/policy.js", "examples/lua/policy.lua"})
  void scriptsDecideAsModulesDo(String script) throws Exception {
    Ran ran = run("decide", script, "--uri", "/admin");
    assertEquals(0, ran.exitCode(), ran.err());
    assertTrue(
        ran.out()
            .startsWith("block 403\n  body: Authorization required\n  tags: auth-required\nfirst"),
        ran.out());
  }

  @ParameterizedTest
  @CsvSource({
    "p.js, 'console.log(1)\nfunction (', p.js:2:1: SyntaxError",
    "p.lua, 'print(1)\nfunction (', p.lua:2: ",
    "p.lua, 'x = 1', it defines neither"
  })
  void scriptsThatCannotBeLoadedAreRefused(String name, String source, String problem)
      throws Exception {
    Path script = Files.writeString(directory.resolve(name), source);
    assertComplaint("cannot be used: " + problem, run("decide", script.toString()));
  }

  @Test
  void whatGuestsWriteIsPrinted() throws Exception {
    Ran ran = run("decide", Guests.C_MISDEEDS.toString(), "--uri", "/stdin");
    assertEquals(0, ran.exitCode(), ran.err());
    assertTrue(ran.out().contains("\nwrote: standard input is at its end\n"), ran.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--event configure",
        "--event nothing",
        "--repeat 0",
        "--timeout soon",
        "--memory-limit 1KiB",
        "--allow-imports all",
        "-H nocolon"
      })
  void wrongOptionsAreUsageErrors(String options) {
    String[] words = ("decide " + RUST + " " + options).split(" ");
    assertEquals(2, run(words).exitCode());
  }

  private JsonNode inspect(int exitCode, String... args) throws Exception {
    String[] all = new String[args.length + 2];
    all[0] = "inspect";
    all[1] = "--json";
    System.arraycopy(args, 0, all, 2, args.length);
    return json(run(all), exitCode);
  }

  private static JsonNode json(Ran ran, int exitCode) throws Exception {
    assertEquals(exitCode, ran.exitCode(), ran.out() + ran.err());
    return new ObjectMapper().readTree(ran.out());
  }

  private static String features(JsonNode found) {
    return found.get("features").toString();
  }

  private static void assertComplaint(String problem, Ran ran) {
    assertEquals(1, ran.exitCode());
    assertTrue(ran.err().contains(problem), ran.err());
    assertEquals(1, ran.err().lines().count());
  }

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ran(line.execute(args), out.toString(), err.toString());
  }
}
