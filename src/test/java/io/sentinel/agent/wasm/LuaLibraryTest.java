package io.sentinel.agent.wasm;

import static io.sentinel.agent.Events.request;
import static io.sentinel.agent.Events.response;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What scripts in Lua are given beside Lua's own libraries: the fragments of the sibling's README
 * run as they are.
 */
class LuaLibraryTest {

  private static final Path SIBLING = Path.of("src/test/resources/scripts/siblings");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "json | obj.key, str, pretty | value, {\"key\":\"value\"}, {\\n  \"key\": \"value\"\\n}",
        "http-utilities | encoded, decoded, params.baz, query, cookies.b, text"
            + " | hello%20world, hello world, qux, foo=bar, 2, OK",
        "encoding | b64, hex, data, #compressed > 18 | ZGF0YQ==, 64617461, data, true",
        "regex | matched, found, table.concat(all), replaced | true, 42, 123, value: X",
        "time | now_ms - now * 1000 < 2000, #formatted, ts | true, 10, 1704067200",
        "crypto | hash, mac, #bytes, #hex | "
            + "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7,"
            + " 6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a, 32, 32",
      })
  void fragmentOfTheReadmeRuns(String name, String values, String expected) throws IOException {
    String fragment = Files.readString(SIBLING.resolve(name + ".lua"));
    assertEquals(
        expected.replace("\\n", "\n"),
        evaluated("local cookie_header = 'a=1; b=2'\n" + fragment, values));
  }

  /** On bytes, in JavaScript's syntax, with what else is usual at a pattern's beginning. */
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      value = {
        "regex.match('^/api/v[0-9]+/', '/api/v2/x') => true",
        "regex.match('^b', 'ab') => false",
        "regex.match('(?i)UNION\\\\s+select', 'x union  SELECT y') => true",
        "regex.match('(?s)a.b', 'a\\nb') => true",
        "regex.match('a.b', 'a\\nb') => false",
        "regex.match('^.{5}$', 'zażó') => false",
        "regex.match('^.{6}$', 'zażó') => true",
        "regex.find('(?:ż)+', 'zażżó') => żż",
        "regex.find('x', 'abc') => nil",
        "select(3, regex.find('(\\\\w+)=(\\\\w+)', 'a; key=value')) => value",
        "select('#', regex.find('(a)|(b)', 'b')) => 3",
        "table.concat(regex.find_all('[a-z]+', 'ab1c2'), '+') => ab+c",
        "#regex.find_all('x*', 'axb') => 4",
        "#regex.find_all('x', '') => 0",
        "regex.replace('(\\\\w+)@(\\\\w+)', 'me@home, you@work', '$2 at ${1}') => home at me, work at you",
        "regex.replace('(?P<a>.)(?<b>.)', 'xy', '${b}${a}${c}$$1$') => yx$1$",
        "regex.replace('', 'ab', '-') => -a-b-",
        "regex.replace('[(?P<]', '<P?(x', '.') => ....x",
        "regex.replace('(?<!\\\\d)1(?=2)', '12 112', 'x') => x2 112",
        "encoding.gzip_decompress(encoding.gzip_compress('')) == '' => true",
        "#encoding.gzip_compress(('x'):rep(10000)) < 200 => true",
      })
  void regularExpressionGives(String expression, String expected) throws IOException {
    assertEquals(expected, evaluated("", "(" + expression + ")"));
  }

  /** More patterns than are kept compiled, and each again. */
  @Test
  void manyRegularExpressionsGiveWhatEachShall() throws IOException {
    String statements =
        """
        local right = 0
        for round = 1, 2 do
          for i = 1, 200 do
            if regex.find("^" .. i .. "(x)$", i .. "x") == i .. "x" then right = right + 1 end
          end
        end
        """;
    assertEquals("400", evaluated(statements, "right"));
  }

  /** The JDK's gzip reads what is compressed here, and the other way about. */
  @Test
  void gzipIsTheJdks() throws IOException {
    Guest guest =
        guest(
            """
            function on_request_headers(r)
              local packed = encoding.hex_decode(r:get_header("packed"))
              return { decision = "block", body =
                encoding.hex_encode(encoding.gzip_compress(encoding.gzip_decompress(packed))) }
            end
            """);
    Random random = new Random(7);
    for (int length : new int[] {0, 1, 2, 3, 100, 257, 258, 259, 1000, 20_000}) {
      for (int letters : new int[] {1, 3, 26, 256}) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
          text[i] = (byte) random.nextInt(letters);
        }
        AgentEvent event = request("/", "packed", HexFormat.of().formatHex(zipped(text)));
        String body = ((Decision.Block) guest.call(event).decision()).body().orElseThrow();
        assertArrayEquals(text, unzipped(HexFormat.of().parseHex(body)), length + " of " + letters);
      }
    }
  }

  /** Whatever is done to it, it is what was compressed or an error. */
  @Test
  void brokenGzipIsRejected() throws IOException {
    Guest guest =
        guest(
            """
            function on_request_headers(r)
              local fine, text = pcall(encoding.gzip_decompress, encoding.hex_decode(r:get_header("packed")))
              return { decision = "block", body = fine and "text" .. text or text }
            end
            """);
    byte[] text = "that is as it is, and as it is it is that".repeat(9).getBytes(US_ASCII);
    byte[] packed = zipped(text);
    for (int i = 0; i < packed.length; i++) {
      for (byte[] broken : List.of(Arrays.copyOf(packed, i), flipped(packed, i))) {
        AgentEvent event = request("/", "packed", HexFormat.of().formatHex(broken));
        String body = ((Decision.Block) guest.call(event).decision()).body().orElseThrow();
        assertTrue(
            body.contains("no gzip: ") || body.equals("text" + new String(text, US_ASCII)), body);
      }
    }
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] flipped = bytes.clone();
    flipped[at] ^= 0x10;
    return flipped;
  }

  private static byte[] zipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] unzipped(byte[] bytes) throws IOException {
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return gzip.readAllBytes();
    }
  }

  /** Vectors of FIPS 180-4's and RFC 4231's examples, and lengths around a block's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "crypto.sha256('') | e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "crypto.sha256('abc') | ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "crypto.sha384('abc') | cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            + "8086072ba1e7cc2358baeca134c825a7",
        "crypto.sha512('abc') | ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "crypto.hmac_sha256('Jefe', 'what do ya want for nothing?')"
            + " | 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "http.url_decode('%zz%4a+b') | %zzJ+b",
        "http.parse_query('a+b=c%20d&e').e | ''",
        "http.parse_query('a+b=c%20d&e')['a b'] | c d",
        "http.build_query({ b = 1, a = 'x y' }) | a=x%20y&b=1",
        "json.encode({ 1, 2.5, 'ż\\n', true }) | [1,2.5,\"ż\\n\",true]",
        "json.encode({}) | {}",
        "json.encode(json.decode('{\"b\":[1,{\"c\":null}],\"a\":-0.5}')) | {\"a\":-0.5,\"b\":[1,{}]}",
        "encoding.base64_decode('YQ==') .. encoding.base64_decode('YWI=') | aab",
        "encoding.hex_encode(encoding.base64_decode('//79')) | fffefd",
        "time.format(1709210096, '%Y-%m-%d %H:%M:%S %%') | 2024-02-29 12:34:56 %",
        "time.format(-1, '%Y-%m-%d') | 1969-12-31",
        "time.parse('2024-02-29 12:34:56', '%Y-%m-%d %H:%M:%S') | 1709210096",
        "tostring(time.parse('2023-02-29', '%Y-%m-%d')) | nil",
        "sentinel.version | 0.1.0",
      })
  void functionGives(String expression, String expected) throws IOException {
    assertEquals(expected, evaluated("", expression));
  }

  /** Against the JDK's, at every length around a block's end. */
  @Test
  void digestsAreThoseOfTheJdk() throws Exception {
    Guest guest =
        guest(
            "function on_request_headers() local u = request.uri"
                + " return { tags = { crypto.sha256(u), crypto.sha512(u) } } end");
    for (int length :
        new int[] {1, 54, 55, 56, 63, 64, 65, 110, 111, 112, 119, 127, 128, 129, 300}) {
      String text = "x".repeat(length);
      assertEquals(
          List.of(digest("SHA-256", text), digest("SHA-512", text)),
          guest.call(request(text)).audit().tags());
    }
  }

  private static String digest(String algorithm, String text) throws Exception {
    byte[] bytes = text.getBytes(US_ASCII);
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "json.decode('{')",
        "json.encode({ f = print })",
        "json.encode(0/0)",
        "encoding.base64_decode('!')",
        "encoding.hex_decode('abc')",
        "crypto.random_bytes(1 << 40)",
        "crypto.sha256(nil)",
        "regex.match('(', 'x')",
        "regex.match('a{2,1}', 'x')",
        "regex.match('(?<=', 'x')",
        "regex.find(nil, 'x')",
        "encoding.gzip_decompress('data')",
        "time.format(0, '%x')",
        "request:add_header(nil, 'x')",
        "local t = {} t[1] = t json.encode(t)",
      })
  void whatMakesNoSenseIsTheScriptsError(String statement) throws IOException {
    GuestException e = assertThrows(GuestException.class, () -> evaluated(statement, "1"));
    assertEquals("script-error", e.code().label());
    assertTrue(String.valueOf(e.getMessage()).startsWith("p.lua:"), e.getMessage());
  }

  @Test
  void methodsOfTheReadmeAreThere() throws IOException {
    List<String> lines = Files.readAllLines(SIBLING.resolve("request-response-api.lua"));
    Guest guest =
        guest(
            "function on_request_headers(request)\n%s\nend\nfunction on_response_headers(response)\n%s\nend"
                .formatted(starting(lines, "request:"), starting(lines, "response:")));
    List<HeaderOp> ops = List.of(new HeaderOp.Remove("name"));
    assertEquals(ops, guest.call(request("/")).requestHeaders());
    assertEquals(ops, guest.call(response(200)).responseHeaders());
  }

  private static String starting(List<String> lines, String with) {
    return lines.stream().filter(line -> line.startsWith(with)).collect(Collectors.joining("\n"));
  }

  @Test
  void methodsReadTheEvent() throws IOException {
    Guest guest =
        guest(
            """
            function on_request_headers(r)
              return { tags = { r:get_method(), r:get_path(), r:get_query(), r:get_source_ip(),
                r:get_header("X-A"), tostring(r:get_header("x-b")), tostring(request == r) } }
            end
            function on_response_headers(r)
              return { tags = { r:get_status(), r:get_header("X-A") } }
            end
            """);
    assertEquals(
        List.of("GET", "/a", "b=?c", "192.0.2.7", "1", "nil", "true"),
        guest.call(request("/a?b=?c", "x-a", "1")).audit().tags());
    assertEquals(List.of("200", "2"), guest.call(response(200, "X-a", "2")).audit().tags());
  }

  /** What was asked for and what is returned are one decision; what is returned counts more. */
  @Test
  void whatIsAskedForAndWhatIsReturnedAreOneDecision() throws IOException {
    Guest guest =
        guest(
            """
            function on_request_headers()
              if request.uri == "/" then return end
              request:add_header("x-a", "1")
              request:add_header("x-b", 2)
              request:remove_header("X-A")
              request:remove_header("x-c")
              request:add_header("x-c", "3")
              sentinel.set_decision("block")
              sentinel.add_metadata("rule", 7)
              if request.uri == "/fail" then error("so") end
              return { status = 451, body = "no", tags = { "more" } }
            end
            """);
    AgentReply reply = guest.call(request("/x"));
    assertEquals(new Decision.Block(451, Optional.of("no")), reply.decision());
    assertEquals(List.of("rule=7", "more"), reply.audit().tags());
    assertEquals(
        Set.of(
            new HeaderOp.Remove("X-A"), new HeaderOp.Set("x-b", "2"), new HeaderOp.Set("x-c", "3")),
        Set.copyOf(reply.requestHeaders()));
    assertEquals(3, reply.requestHeaders().size());
    assertEquals(AgentReply.allow(), guest.call(request("/")));
    assertThrows(GuestException.class, () -> guest.call(request("/fail")));
    assertEquals(AgentReply.allow(), guest.call(request("/")));
  }

  private String evaluated(String statements, String values) throws IOException {
    Guest guest =
        guest(
            """
            function on_request_headers()
              %s
              local all = table.pack(%s)
              for i = 1, all.n do all[i] = tostring(all[i]) end
              return { decision = "block", body = table.concat(all, ", ") }
            end
            """
                .formatted(statements, values));
    AgentEvent event = request("/");
    return ((Decision.Block) guest.call(event).decision()).body().orElseThrow();
  }

  private Guest guest(String source) throws IOException {
    Path file = Files.writeString(folder.resolve("p.lua"), source);
    return Guests.engine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED)
        .load(file)
        .instantiate(GuestOutput.NONE);
  }
}
