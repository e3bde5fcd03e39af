// Writes the golden data of package javatime's tests, what java.time makes of random patterns: java Oracle.java > java17.tsv
// The lines are: F pattern, zone, milliseconds since 1970, text; D pattern, days, text; T pattern, milliseconds of the day,
// text; P pattern, zone, text, milliseconds; Q pattern, text, days; R pattern, text, milliseconds of the day. "!" is an error.
import java.time.*;
import java.time.format.*;
import java.time.temporal.*;
import java.util.*;

public class Oracle {
  static final Random rnd = new Random(22);
  static final String[] LETTERS = {"yyyy", "yy", "y", "uuuu", "u", "uu", "yyy", "yyyyy", "M", "MM", "MMM", "MMMM", "MMMMM", "L", "LLL", "d", "dd", "D", "DD", "DDD",
      "E", "EEE", "EEEE", "EEEEE", "e", "ee", "eee", "eeee", "c", "ccc", "Q", "QQ", "QQQ", "QQQQ", "q", "G", "GGGG", "GGGGG", "a", "h", "hh", "H", "HH", "K", "KK",
      "k", "kk", "m", "mm", "s", "ss", "S", "SS", "SSS", "SSSS", "SSSSSS", "SSSSSSSSS", "A", "AAAAAAAA", "n", "nnnnnnnnn", "N", "VV", "z", "zzz", "zzzz", "Z", "ZZZ", "ZZZZ",
      "ZZZZZ", "O", "OOOO", "X", "XX", "XXX", "XXXX", "XXXXX", "x", "xx", "xxx", "xxxx", "xxxxx", "w", "ww", "W", "Y", "YY", "YYYY", "F", "pd", "ppppH",
      "dddd", "MMMMMM", "ccccc", "cc", "aa", "hhh", "SSSSSSSSSS", "VVV", "j", "{", "www", "WW", "pp"};
  static final String[] COMMON = {"yyyy", "MM", "dd", "HH", "mm", "ss", "SSS", "MMM", "d", "M", "yy", "h", "a", "X", "XXX", "Z", "z", "VV", "uuuu", "EEE", "DDD"};
  static final String[] SEPARATORS = {"-", "/", ":", " ", ".", "'T'", "''", ",", "", "", "", " ", "'at'", "_"};
  static final String[] USUAL = {"yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssX", "yyyy-MM-dd HH:mm:ss.SSS", "yyyyMMddHHmmssSSS", "yyyyMMdd", "dd/MM/yyyy", "dd-MMM-yyyy", "MM-dd-yy",
      "EEE, d MMM yyyy HH:mm:ss Z", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd HH:mm:ss zzz", "yyyy-DDD", "HH:mm:ss", "hh:mm:ss a", "HHmmss", "HH:mm[:ss[.SSS]]", "yyyy-MM-dd[ HH:mm:ss]",
      "YYYY-'W'ww-e", "yyyy", "MM/yyyy", "dd", "HH", "mm:ss", "MMM-yyyy", "yyyy-MM-dd hh:mm", "yyyy QQQ", "d. MMMM uuuu G", "yyyy-MM-dd'T'HH:mm:ss[XXX]['['VV']']", "yyyy-MM-dd kk:mm", "yyyy-M-d H:m:s"};
  static final String[] ZONES = {"Z", "UTC", "GMT", "+02:00", "-03:30", "America/Los_Angeles", "America/New_York", "Europe/London", "Europe/Paris", "Asia/Kolkata", "Australia/Sydney", "GMT+5", "Asia/Tokyo"};

  static <T> T any(T[] a) { return a[rnd.nextInt(a.length)]; }

  static String pattern() {
    if (rnd.nextInt(3) == 0) return any(USUAL);
    StringBuilder b = new StringBuilder();
    int n = 1 + rnd.nextInt(6), open = 0;
    for (int i = 0; i < n; i++) {
      if (i > 0) b.append(any(SEPARATORS));
      if (rnd.nextInt(10) == 0) { b.append('['); open++; }
      b.append(rnd.nextInt(2) == 0 ? any(COMMON) : any(LETTERS));
      if (open > 0 && rnd.nextInt(3) == 0) { b.append(']'); open--; }
    }
    if (rnd.nextInt(40) == 0) b.append("'open");
    if (rnd.nextInt(60) == 0) b.append("]");
    return b.toString();
  }

  static long millis() {
    switch (rnd.nextInt(8)) {
      case 0: return 0;
      case 1: return rnd.nextInt(100) * 86400000L;
      case 2: return Instant.parse("2020-03-29T00:30:00Z").toEpochMilli() + rnd.nextInt(10800) * 1000L;
      case 3: return Instant.parse("2020-11-01T05:00:00Z").toEpochMilli() + rnd.nextInt(36000) * 1000L;
      case 4: return -(rnd.nextLong() & 0x1ffffffffffL);
      case 5: return -62135596800000L - rnd.nextInt(1000) * 86400000L * 40;
      case 6: return 253402300800000L + (rnd.nextLong() & 0xffffffffffL);
    }
    return 1000000000000L + (rnd.nextLong() & 0xffffffffffL);
  }

  static String mutate(String s) {
    if (s.isEmpty() || rnd.nextInt(3) > 0) return s;
    int i = rnd.nextInt(s.length());
    switch (rnd.nextInt(6)) {
      case 0: return s.substring(0, i) + s.substring(i + 1);
      case 1: return s.substring(0, i) + (char) ('0' + rnd.nextInt(10)) + s.substring(i + 1);
      case 2: return s.toUpperCase(Locale.ROOT);
      case 3: return s.toLowerCase(Locale.ROOT);
      case 4: return s + "x";
    }
    return s.substring(0, i) + (char) ('0' + rnd.nextInt(10)) + s.substring(i);
  }

  static DateTimeFormatter parser(String p) {
    return new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern(p).toFormatter(Locale.US);
  }

  // What a timestamp takes from a text: the fields it says, one by one, over the epoch.
  static long timestamp(String p, String text, ZoneId zone) {
    TemporalAccessor ta = parser(p).parse(text);
    ZoneId z = ta.query(TemporalQueries.zone());
    ZonedDateTime t = ZonedDateTime.of(1970, 1, 1, 0, 0, 0, 0, z == null ? zone : z);
    for (ChronoField f : ChronoField.values()) {
      if (!ta.isSupported(f)) continue;
      long v = ta.getLong(f);
      if (f == ChronoField.DAY_OF_YEAR && v == 366) t = t.withYear((int) ta.getLong(ChronoField.YEAR));
      t = t.with(f, v);
    }
    return t.toInstant().toEpochMilli();
  }

  interface Op { Object run() throws Exception; }

  static String out(Op op) {
    try { return String.valueOf(op.run()); } catch (Exception e) { return "!"; }
  }

  static void line(Object... parts) {
    StringJoiner j = new StringJoiner("\t");
    // Abbreviations of several zones, and years whose milliseconds PostgreSQL's timestamps do not hold, are ours to choose.
    if (String.join(" ", Arrays.stream(parts).map(Object::toString).toArray(String[]::new)).matches("(?i).*(ist|bst|cet|british|\\+\\d{6}|\\bgt|\\bst).*")) return;
    for (Object p : parts) {
      if (p.toString().indexOf('\n') >= 0 || p.toString().indexOf('\t') >= 0) return;
      j.add(p.toString());
    }
    System.out.println(j);
  }

  public static void main(String[] args) {
    Locale.setDefault(Locale.US);
    int n = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
    if (args.length > 1) rnd.setSeed(Long.parseLong(args[1]));
    for (int i = 0; i < n; i++) {
      String p = pattern(), zone = any(ZONES);
      long ms = millis();
      Instant at = Instant.ofEpochMilli(ms);
      String text = out(() -> at.atZone(ZoneId.of(zone)).format(DateTimeFormatter.ofPattern(p, Locale.US)));
      line("F", p, zone, ms, text);
      if (!text.equals("!")) {
        String m = mutate(text);
        line("P", p, zone, m, out(() -> timestamp(p, m, ZoneId.of(zone))));
        if (rnd.nextInt(3) == 0) line("Q", p, m, out(() -> LocalDate.parse(m, parser(p)).toEpochDay()));
        if (rnd.nextInt(3) == 0) line("R", p, m, out(() -> {
          TemporalAccessor ta = parser(p).parse(m);
          for (ChronoField f : ChronoField.values()) if (f.isDateBased() && ta.isSupported(f)) throw new DateTimeException("date");
          return LocalTime.from(ta).toNanoOfDay() / 1000000;
        }));
      }
      long days = Math.floorDiv(ms, 86400000L), tod = Math.floorMod(ms, 86400000L);
      if (rnd.nextInt(4) == 0) line("D", p, days, out(() -> LocalDate.ofEpochDay(days).format(DateTimeFormatter.ofPattern(p, Locale.US))));
      if (rnd.nextInt(4) == 0) line("T", p, tod, out(() -> LocalTime.ofNanoOfDay(tod * 1000000).format(DateTimeFormatter.ofPattern(p, Locale.US))));
    }
  }
}
