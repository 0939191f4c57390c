import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Makes the jar of Quarkus's generated classes the same in each build: {@code java StableKeys.java
 * JAR}.
 *
 * <p>Build steps leave objects for each other under the keys {@code proxykey1}, {@code proxykey2}
 * and so on. All steps share one counter and run side by side, so which object gets which number
 * differs from build to build (Quarkus 3.33; mended in its #53025 after it). Here they are numbered
 * anew, in the order in which the classes, by name, first speak of them. The keys are constants of
 * these classes and stand nowhere else.
 */
final class StableKeys {

  private static final Pattern KEY = Pattern.compile("proxykey\\d+");

  private static final int MAGIC = 0xCAFEBABE;

  private final Map<String, String> numbered = new LinkedHashMap<>();

  public static void main(String... args) throws IOException {
    new StableKeys().rewrite(Path.of(args[0]));
  }

  private void rewrite(Path jar) throws IOException {
    List<Entry> entries = read(jar);
    Map<String, byte[]> classes =
        entries.stream()
            .filter(entry -> entry.name().endsWith(".class"))
            .sorted(Comparator.comparing(Entry::name))
            .collect(
                Collectors.toMap(
                    Entry::name, this::renumbered, (a, b) -> a, LinkedHashMap::new));
    if (numbered.isEmpty()) {
      throw new IllegalStateException(
          "no keys in " + jar + ": does Quarkus number them otherwise by now?");
    }
    Path next = jar.resolveSibling(jar.getFileName() + ".new");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(next))) {
      for (Entry entry : entries) {
        ZipEntry same = new ZipEntry(entry.name());
        same.setTimeLocal(entry.zip().getTimeLocal());
        out.putNextEntry(same);
        out.write(classes.getOrDefault(entry.name(), entry.bytes()));
      }
    }
    Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private record Entry(ZipEntry zip, byte[] bytes) {
    String name() {
      return zip.getName();
    }
  }

  private static List<Entry> read(Path jar) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.add(new Entry(entry, in.readAllBytes()));
      }
    }
    return entries;
  }

  /** The class with other texts among its constants, and nothing else changed (JVMS, 4.4). */
  private byte[] renumbered(Entry entry) {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(entry.bytes()));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(entry.bytes().length);
      DataOutputStream out = new DataOutputStream(bytes);
      if (in.readInt() != MAGIC) {
        throw new IllegalStateException(entry.name() + " is no class");
      }
      out.writeInt(MAGIC);
      out.writeInt(in.readInt()); // the version
      int constants = in.readUnsignedShort();
      out.writeShort(constants);
      for (int i = 1; i < constants; i++) {
        int tag = in.readUnsignedByte();
        out.writeByte(tag);
        switch (tag) {
          case 1 -> out.writeUTF(stable(in.readUTF()));
          case 5, 6 -> { // long, double: they count twice
            out.write(in.readNBytes(8));
            i++;
          }
          case 3, 4, 9, 10, 11, 12, 17, 18 -> out.write(in.readNBytes(4));
          case 15 -> out.write(in.readNBytes(3));
          case 7, 8, 16, 19, 20 -> out.write(in.readNBytes(2));
          default -> throw new IllegalStateException("constant " + tag + " in " + entry.name());
        }
      }
      in.transferTo(out);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(entry.name(), e);
    }
  }

  private String stable(String text) {
    return KEY.matcher(text).matches()
        ? numbered.computeIfAbsent(text, _ -> "proxykey" + (numbered.size() + 1))
        : text;
  }
}
