package io.sentinel.agent.wasm;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sentinel.agent.Events;
import io.sentinel.agent.Guests;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wasm.WasmEngine.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What compiled modules leave behind in a directory, and what becomes of it. */
class ModuleCacheTest {

  private static final Path BRANCHES =
      Path.of("src/test/resources/engine/branch-to-the-functions-label.wasm");
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

  private static final List<AgentEvent> EVENTS =
      List.of(
          Events.request("c-1", "/", new String[0]),
          Events.request("c-2", "/admin", new String[] {"x-debug", "1"}),
          Events.request("c-3", "/echo", new String[] {"x-result", "{}"}),
          Events.request("c-4", "/sin", new String[0]),
          Events.request("c-5", "/trap", new String[0]),
          Events.response(200, "server", "x"),
          Events.response(503));

  @TempDir private Path temporary;

  static Stream<Path> guests() {
    return Stream.of(
        Guests.RUST_POLICY,
        Guests.MINIMAL,
        Guests.PUPPET,
        Guests.CHANGES_EVERYTHING,
        Guests.C_MISDEEDS,
        Guests.ASSEMBLYSCRIPT_MISDEEDS,
        Guests.example("go/policy.wasm"),
        Guests.hostile("function-over-64k-of-bytecode"),
        Guests.hostile("leak-64k-per-call"),
        BRANCHES);
  }

  @ParameterizedTest
  @MethodSource("guests")
  void moduleOutOfTheCacheAnswersAsTheOneThatWasCompiled(Path module) throws IOException {
    List<String> compiled = answers(load(cache(), module));
    Path entry = onlyEntry();
    byte[] kept = Files.readAllBytes(entry);
    Files.setLastModifiedTime(entry, LONG_AGO);

    CompiledModule found = load(cache(), module);
    assertNotEquals(LONG_AGO, Files.getLastModifiedTime(entry), "it was not looked for");
    assertArrayEquals(kept, Files.readAllBytes(entry));
    assertEquals(compiled, answers(found));
    CompiledModule uncached = load(ModuleCache.NONE, module);
    assertEquals(compiled, answers(uncached));
    assertEquals(uncached.interpreted(), found.interpreted());
  }

  /** The surest sign that a kept module is used: another one stands under its key. */
  @Test
  void whatIsKeptIsWhatRuns() throws IOException {
    Path module = Guests.hostile("result-zero");
    String compiled = answer(load(cache(), module), EVENTS.get(3));
    Path entry = onlyEntry();
    byte[] key = Arrays.copyOf(Files.readAllBytes(entry), 32);
    byte[] other = Files.readAllBytes(Guests.hostile("trap-divide-by-zero"));
    WasmEngine engine = Guests.engine(GuestLimits.DEFAULT, Mode.COMPILED);
    Compilation forged = WasmEngine.compile(engine.parse(other));
    Files.write(entry, CacheEntry.of(key, forged.toBytes()));
    assertNotEquals(compiled, answer(load(cache(), module), EVENTS.get(3)));
  }

  @Test
  void functionsLeftToTheInterpreterAreStillKnown() {
    Path module = Guests.hostile("function-over-64k-of-bytecode");
    for (int i = 0; i < 2; i++) {
      CompiledModule loaded = load(cache(), module);
      assertEquals(1, loaded.interpreted().size());
      assertEquals(List.of("right"), reply(loaded, EVENTS.get(3)).audit().tags());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "handlers-missing",
        "simd-in-handler",
        "memory-shared-atomic-wait",
        "random-bytes-after-header"
      })
  void refusedModulesLeaveNothing(String name) throws IOException {
    assertThrows(ModuleException.class, () -> load(cache(), Guests.hostile(name)));
    assertEquals(List.of(), files());
  }

  /** The imports that are offered are no part of the key: they are looked at each time. */
  @Test
  void keptModuleIsCheckedAgain() throws IOException {
    byte[] go = Files.readAllBytes(Guests.example("go/policy.wasm"));
    load(cache(), go);
    assertThrows(
        ModuleException.class,
        () ->
            new WasmEngine(GuestLimits.DEFAULT, Mode.COMPILED, ImportPolicy.NONE, cache())
                .load(go));
  }

  @Test
  void directoryAndEntriesAreTheUsersAlone() throws IOException {
    load(cache(), Guests.MINIMAL);
    assertEquals(fromString("rwx------"), Files.getPosixFilePermissions(directory()));
    assertEquals(fromString("rwx------"), Files.getPosixFilePermissions(directory().getParent()));
    assertEquals(fromString("rw-------"), Files.getPosixFilePermissions(onlyEntry()));
  }

  @Test
  void damagedEntriesAreNotLoadedAndMadeAnew() throws IOException {
    load(cache(), Guests.MINIMAL);
    Path entry = onlyEntry();
    byte[] whole = Files.readAllBytes(entry);
    List<byte[]> damaged = new ArrayList<>();
    for (int at = 0; at < whole.length; at += at < 70 ? 11 : whole.length / 9) {
      damaged.add(Arrays.copyOf(whole, at));
      byte[] flipped = whole.clone();
      flipped[at] ^= 0x20;
      damaged.add(flipped);
    }
    damaged.add(Arrays.copyOf(whole, whole.length + 1));
    for (byte[] bytes : damaged) {
      Files.write(entry, bytes);
      assertEquals(
          List.of("minimal"), reply(load(cache(), Guests.MINIMAL), EVENTS.get(0)).audit().tags());
      assertArrayEquals(whole, Files.readAllBytes(entry));
    }
  }

  /** Whole, but what is in it is no code: as of an engine that was patched in place. */
  @Test
  void soundEntriesThatAreNoCodeAreMadeAnew() throws IOException {
    load(cache(), Guests.MINIMAL);
    Path entry = onlyEntry();
    byte[] whole = Files.readAllBytes(entry);
    byte[] key = Arrays.copyOf(whole, 32);
    byte[] payload = CacheEntry.payload(key, whole);
    for (int at = 0; at < payload.length; at += payload.length / 9) {
      Files.write(entry, CacheEntry.of(key, Arrays.copyOf(payload, at)));
      assertEquals(
          List.of("minimal"), reply(load(cache(), Guests.MINIMAL), EVENTS.get(0)).audit().tags());
      assertArrayEquals(whole, Files.readAllBytes(entry));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwx----w-"})
  void directoryThatOthersWriteToIsNotUsed(String rights) throws IOException {
    Files.createDirectories(directory());
    Files.setPosixFilePermissions(directory(), fromString(rights));
    load(cache(), Guests.MINIMAL);
    assertEquals(List.of(), files());
  }

  @Test
  void linkToADirectoryIsNotUsed() throws IOException {
    Path elsewhere =
        Files.createDirectory(
            temporary.resolve("elsewhere"),
            PosixFilePermissions.asFileAttribute(fromString("rwx------")));
    Files.createDirectories(directory().getParent());
    Files.createSymbolicLink(directory(), elsewhere);
    load(cache(), Guests.MINIMAL);
    assertEquals(List.of(), files());
  }

  @Test
  void directoryOfAnotherUserIsNotUsed() throws IOException {
    Files.createDirectories(directory());
    assumeTrue(Files.getAttribute(directory(), "unix:uid").equals(0), "only root can give it away");
    Files.setAttribute(directory(), "unix:uid", 12_345, LinkOption.NOFOLLOW_LINKS);
    Files.setPosixFilePermissions(directory(), fromString("rwx------"));
    load(cache(), Guests.MINIMAL);
    assertEquals(List.of(), files());
  }

  @Test
  void whatIsNoDirectoryIsNotUsed() throws IOException {
    Files.createDirectories(directory().getParent());
    Files.writeString(directory(), "a file");
    assertEquals(
        List.of("minimal"), reply(load(cache(), Guests.MINIMAL), EVENTS.get(0)).audit().tags());
    assertEquals("a file", Files.readString(directory()));
  }

  /** A link in the place of an entry leads out of the directory. */
  @Test
  void linkInThePlaceOfAnEntryIsNotFollowed() throws IOException {
    load(cache(), Guests.MINIMAL);
    Path entry = onlyEntry();
    Path elsewhere = temporary.resolve("elsewhere");
    Files.move(entry, elsewhere);
    Files.createSymbolicLink(entry, elsewhere);
    FileTime before = Files.getLastModifiedTime(elsewhere);
    load(cache(), Guests.MINIMAL);
    assertEquals(before, Files.getLastModifiedTime(elsewhere));
  }

  @Test
  void otherVersionsHaveEntriesOfTheirOwn() throws IOException {
    load(cache(), Guests.MINIMAL);
    load(cache("1", "2"), Guests.MINIMAL);
    load(cache("1", "3"), Guests.MINIMAL);
    load(ModuleCache.at(new ModuleCache.Place(directory(), true), "another"), Guests.MINIMAL);
    assertEquals(4, files().size());
  }

  @Test
  void whatWasNotUsedForLongestGoesFirst() throws IOException {
    List<Path> modules = List.of(Guests.MINIMAL, BRANCHES, Guests.CHANGES_EVERYTHING);
    List<Path> entries = new ArrayList<>();
    for (Path module : modules) {
      load(cache(), module);
      entries.add(
          files().stream().filter(file -> !entries.contains(file)).findFirst().orElseThrow());
      Files.setLastModifiedTime(entries.getLast(), FileTime.fromMillis(1_000L * entries.size()));
    }
    load(cache(), modules.getFirst()); // and so it is the newest
    Path bystander = Files.writeString(directory().resolve("notes"), "x".repeat(1 << 20));
    Path leftOver =
        Files.writeString(
            directory()
                .resolve(entries.getFirst().getFileName() + "." + UUID.randomUUID() + ".new"),
            "x");
    Files.setLastModifiedTime(leftOver, LONG_AGO);
    long two = Files.size(entries.getFirst()) + Files.size(entries.getLast());

    ModuleCache bounded = cache(new CacheDirectory(directory(), two + 100), "1", "1");
    Path hostile = Guests.hostile("unreachable-in-handler");
    assertTrue(Files.size(hostile) < Files.size(Guests.CHANGES_EVERYTHING));
    load(bounded, hostile);
    assertTrue(Files.exists(entries.getFirst()));
    assertTrue(Files.notExists(entries.get(1)));
    assertTrue(Files.notExists(entries.getLast()));
    assertTrue(Files.notExists(leftOver));
    assertTrue(Files.exists(bystander));
  }

  /** One entry is always left, or there would be no use in it. */
  @Test
  void newestEntryStaysWhateverItsSize() throws IOException {
    ModuleCache bounded = cache(new CacheDirectory(directory(), 1), "1", "1");
    load(bounded, Guests.MINIMAL);
    load(bounded, Guests.CHANGES_EVERYTHING);
    assertEquals(1, files().size());
  }

  @Test
  void manyAtOnceLeaveOneWholeEntry() throws IOException {
    List<CompletableFuture<List<String>>> loads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      loads.add(Events.inBackground(() -> answers(load(cache(), Guests.CHANGES_EVERYTHING))));
    }
    List<String> expected = answers(load(ModuleCache.NONE, Guests.CHANGES_EVERYTHING));
    loads.forEach(load -> assertEquals(expected, load.join()));
    byte[] kept = Files.readAllBytes(onlyEntry());
    Files.delete(onlyEntry());
    load(cache(), Guests.CHANGES_EVERYTHING);
    assertArrayEquals(kept, Files.readAllBytes(onlyEntry()));
  }

  private Path directory() {
    return temporary.resolve("cache").resolve("modules");
  }

  private ModuleCache cache() {
    return cache("1", "1");
  }

  private ModuleCache cache(String... versions) {
    return cache(new CacheDirectory(directory(), CacheDirectory.MOST_BYTES), versions);
  }

  private static ModuleCache cache(CacheDirectory directory, String... versions) {
    return new ModuleCache(directory, true, List.of(versions));
  }

  private static CompiledModule load(ModuleCache cache, Path module) {
    return new WasmEngine(GuestLimits.DEFAULT, Mode.COMPILED, ImportPolicy.WASI, cache)
        .load(module);
  }

  private static CompiledModule load(ModuleCache cache, byte[] module) {
    return new WasmEngine(GuestLimits.DEFAULT, Mode.COMPILED, ImportPolicy.WASI, cache)
        .load(module);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory())) {
      return all.toList();
    }
  }

  private Path onlyEntry() throws IOException {
    List<Path> all = files();
    assertEquals(1, all.size(), all.toString());
    return all.getFirst();
  }

  private static AgentReply reply(CompiledModule module, AgentEvent event) {
    return module.instantiate(GuestOutput.NONE).call(event);
  }

  /** Each on an instance of its own, for one may spoil it for the next. */
  private static List<String> answers(CompiledModule module) {
    return EVENTS.stream().map(event -> answer(module, event)).toList();
  }

  private static String answer(CompiledModule module, AgentEvent event) {
    try {
      return reply(module, event).toString();
    } catch (GuestException e) {
      return e.code() + " " + e.getMessage();
    }
  }
}
