package main

import (
	"fmt"
	"strconv"
	"strings"

	"streamsql/internal/types"
)

// The constants: for each kind texts that are ordinary, on an edge, or wrong (a few).

var intTexts = map[types.Kind][]string{
	types.Int2: {"0", "1", "-1", "2", "3", "7", "-5", "10", "100", "255", "32767", "-32768", "1000"},
	types.Int4: {"0", "1", "-1", "2", "3", "4", "-2", "5", "8", "10", "17", "31", "32", "63", "100", "-100", "1000", "65536", "123456",
		"2147483647", "-2147483648", "2147483646"},
	types.Int8: {"0", "1", "-1", "2", "3", "5", "-7", "10", "64", "1000", "2147483648", "-2147483649", "4611686018427387904", "1000000007",
		"9223372036854775807", "-9223372036854775808", "9223372036854775806", "123456789012345"},
	types.OID: {"0", "1", "23", "25", "1043", "4294967295", "2147483648", "11"},
}

var floatTexts = []string{"0", "-0", "1", "-1", "0.5", "-0.5", "1.5", "2.5", "-2.5", "3.14159", "0.1", "100", "1e10", "1e15", "1e16", "-1e-5",
	"0.0001", "1e-7", "123456.789", "1e100", "1e308", "-1.7976931348623157e308", "5e-324", "1e-300", "NaN", "Infinity", "-Infinity", "9007199254740993",
	"2147483647.5", "-2147483648.5", "9223372036854775807", "0.3333333333333333", "10", "2", "3", "-8", "27"}

var float4Texts = []string{"0", "-0", "1", "-1", "0.5", "1.5", "2.5", "-2.5", "3.14159", "0.1", "100", "1e6", "1e10", "1234567", "16777217", "0.0001", "1e-5",
	"1e-7", "3.4e38", "-3.4e38", "1e-45", "1.17e-38", "NaN", "Infinity", "-Infinity", "32767.5", "0.33333334"}

var decTexts = []string{"0", "0.0", "1", "-1", "1.0", "1.50", "2.5", "-2.5", "3.5", "0.1", "0.01", "-0.001", "10", "100.00", "99.995", "123456789.123456789",
	"1e20", "1e-20", "12345678901234567890123456789", "-98765432109876543210.0123456789", "0.00000000000000000001", "NaN", "Infinity", "-Infinity",
	"9223372036854775807", "9223372036854775808", "32767.5", "2147483647.49", "1e100", "7", "3", "-7.25", "64", "0.5"}

var strTexts = []string{"", "a", "abc", "Hello World", "ABCdef", " leading", "trailing ", "  both  ", "hello", "xyxy", "aaa", "abcabc", "a,b,c", "a.b.c",
	"größe", "日本語", "😀 smile", "ÀÉî", "ß", "1", "42", "-7", "3.14", "1e3", "NaN", "true", "f", "2024-02-29", "2024-02-29 23:59:59.999999", "1 day", "12:34:56",
	"%", "_", "a%", "%b%", "a_c", "\\", "a\\b", "100%", "it''s", "\"q\"", "tab\there", "line\nbreak", "[1,2]", "{\"a\":1}", "{1,2}", "null", "NULL", "deadbeef",
	"\\x6869", "aGVsbG8=", "user@example.com", "foo bar baz", "the quick brown fox", "x", "b", "c", "ab", "12 34", "(x)", "a+b", "O''Reilly", "éa"}

var bitTexts = []string{"", "0", "1", "101", "0000", "1111", "10101010", "101010101", "x1F", "B10", "11111111111111111111111111111111", "100000000000000000000000000000000", "2"}

var inetTexts = []string{"10.1.2.3", "10.1.2.3/8", "10.0.0.0/8", "0.0.0.0/0", "255.255.255.255", "192.168.1.5/24", "192.168.1.0/24", "::1", "::/0", "2001:db8::/32", "::ffff:1.2.3.4", "fe80::1/10", "10.1", "1.2.3"}

var macTexts = []string{"08:00:2b:01:02:03", "08-00-2b-01-02-03", "08002b010203", "ffff.ffff.ffff", "0:0:0:0:0:0", "x"}

var pathTexts = []string{"$", "$.a", "$.a[*]", "strict $.a.b", "$.**", "$[*] ? (@ > 1)", "$.a == 1", "$.size()", "$.type()", "$[0 to last]", "$.a + 1", "-$", "$.keyvalue()", "$x", "$ ? (@ like_regex \"a\")", "$ ? (exists(@.a))", "1", "null", "$.", "$.double()", "$[*].a", "$.b.c"}

// Patterns are strings that the pattern and format functions want.
var likeTexts = []string{"%", "_", "a%", "%c", "%b%", "a_c", "_bc", "__", "", "abc", "A%", "%\\%%", "\\_", "a\\", "日%", "%語", "%%", "h%o", "%o w%", "gr_ße"}

var similarTexts = []string{"%", "abc", "a(b|x)c", "(a|b)%", "[a-c]+", "_{3}", "a*", "%(b|d)%", "[^x]%", "a.c", "\\%", "a#\"b#\"c", "[[:alpha:]]+", "a{1,2}", "a?b+c"}

var regexTexts = []string{"", "a", "abc", "^a", "c$", "^abc$", "[a-c]+", "[^a-c]", "b|c", "(a)(b)", "(a|b)*", "a.c", "\\d+", "\\w+", "\\s", "[[:digit:]]+", "[[:alpha:]]", "[[:<:]]a",
	"\\mb", "b\\M", "\\ya", "a{2}", "a{1,}", "x*", ".*", ".+?", "a*?", "(?i)ABC", "(?=b)", "(?!x)a", "(a)\\1", "(.)\\1", "[", "(", "a{", "*a", "\\", "ß", "日.", "\\u00e9", "[a-z]{2,3}", "(foo|bar)", "o",
	"l+", "(?:b)", "^", "$", "(?x) a b # c", "\\A.", ".\\Z", "\\D", "\\W+", "[\\d,]+", "***=a.c", "***:abc", "e$|^h", "\\.", ",", " "}

var regexFlags = []string{"", "g", "i", "gi", "n", "x", "s", "m", "p", "w", "c", "ig", "q", "z", "b", "e"}

var byteaTexts = []string{"", "\\x", "\\x00", "\\xff", "\\xdeadbeef", "\\x616263", "abc", "a\\000b", "\\\\", "\\x00ff00ff", "\\377", "\\xe697a5", "hello world"}

var dateTexts = []string{"2000-01-01", "1999-12-31", "2024-02-28", "2024-02-29", "2024-03-01", "2023-02-28", "1900-02-28", "2000-02-29", "1970-01-01", "0001-01-01", "0001-12-31 BC",
	"4713-11-24 BC", "5874897-12-31", "9999-12-31", "infinity", "-infinity", "epoch", "2024-03-10", "2024-11-03", "2024-03-31", "2024-10-27", "2016-12-31", "2020-12-31", "2021-01-03", "2021-01-04", "2026-07-15",
	"0044-03-15 BC", "1582-10-15"}

var clockTexts = []string{"00:00:00", "00:00", "23:59:59", "23:59:59.999999", "24:00:00", "12:00", "12:34:56", "12:34:56.789", "01:30:00", "02:30:00", "23:59:60", "06:07:08.000001", "11:59:59.5", "04:05 PM", "040506"}

var zoneSuffixes = []string{"", "", "", "+00", "Z", "-05", "+05:30", "+14", "-12", " America/New_York", " Europe/Berlin", " UTC", " EST", " PDT"}

var stampTexts = []string{"2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "2024-02-29 12:34:56.789012", "2024-03-10 01:59:59", "2024-03-10 02:30:00", "2024-03-10 03:00:00", "2024-11-03 01:30:00", "2024-11-03 00:30:00",
	"2024-11-03 02:00:00", "2024-03-31 02:30:00", "2024-10-27 02:30:00", "2024-10-27 01:00:00", "2016-12-31 23:59:60", "2016-12-31 23:59:59", "1970-01-01 00:00:00", "infinity", "-infinity", "epoch", "0001-01-01 00:00:00",
	"0001-01-01 00:00:00 BC", "4713-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "1883-11-18 12:03:58", "1900-01-01 00:00:00", "2024-12-30 10:00:00", "2021-01-03 23:00:00", "2026-07-15T13:14:15", "2024-01-31 10:20:30", "1945-08-14 22:59"}

var spanTexts = []string{"0", "1 day", "-1 day", "1 month", "-1 mon", "1 year", "1 year 2 mons 3 days 04:05:06.789", "-1 year -2 mons +3 days -04:05:06.789", "1 hour", "90 minutes", "1.5 days", "36:00:00", "1 week", "00:00:00.000001",
	"-00:00:00.000001", "1 mon -1 day", "13 months 40 days 50 hours", "10 years", "100 centuries", "2147483647 days", "178000000 years", "P1Y2M3DT4H5M6S", "P-1Y", "PT36H", "1-2", "3 4:05:06", "1.5 months", "0.1 mon", "30 days 24 hours", "1 decade", "1 millennium", "24:00:00", "-24:00:00",
	"1 day -25 hours", "@ 1 minute ago", "15 secs", "0.999999 seconds"}

var uuidTexts = []string{"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "123e4567-e89b-12d3-a456-426614174000"}

var jsonTexts = []string{"null", "true", "false", "0", "1", "-1.50", "1e3", "1E400", "\"\"", "\"abc\"", "\"q\\\"u\\u00e9\\n\"", "\"\\ud83d\\ude00\"", "[]", "{}", "[1,2,3]", "[1,[2,[3]],null]", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1,\"a\":3}",
	"{\"a\":{\"b\":[10,20,{\"c\":\"deep\"}]},\"x\":null}", "[{\"a\":1},{\"a\":2}]", " { \"sp\" : [ 1 , 2 ] } ", "\"日本\"", "[null,null]", "{\"\":0}", "[\"a\",\"b\",\"c\"]", "{\"aa\":1,\"b\":2,\"c\":{}}", "123456789012345678901234567890", "1.0", "1.10"}

var boolTexts = []string{"true", "false", "true", "false", "t", "f", "yes", "no", "on", "off", "1", "0"}

var nameTexts = []string{"", "abc", "pg_catalog", "Name with Space", "日本", "a", "select", "x\"y"}

var zoneTexts = []string{"UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/St_Johns", "EST", "PST", "CET", "+03", "-05:30", "UTC+3", "EST5EDT", "Asia/Tokyo", "europe/london", "nowhere", "PDT", "MSK"}

var fieldTexts = []string{"year", "month", "day", "hour", "minute", "second", "milliseconds", "microseconds", "quarter", "week", "decade", "century", "millennium", "dow", "isodow", "doy", "isoyear", "epoch", "julian", "timezone", "timezone_hour", "timezone_minute", "nope", "YEAR", "days", "us", "h"}

var timeFormats = []string{"YYYY-MM-DD HH24:MI:SS", "YYYY-MM-DD", "DD Mon YYYY", "Day, DD Month YYYY", "FMDay, FMDD FMMonth", "HH12:MI:SS AM", "hh:mi:ss.ms pm", "HH24:MI:SS.US", "J", "DDD", "WW IW ID D", "IYYY-IW-ID", "Q", "CC", "TZ", "OF", "tz TZH:TZM", "Y,YYY", "YYY YY Y", "MONTH month Mon MON mon", "RM rm", "SSSS",
	"SSSSS FF1 FF3 FF6", "DDth DDTH", "\"quoted\" YYYY", "BC AD B.C. A.D.", "FMHH24:FMMI", "DY Dy dy", "W", "YYYYMMDD", "MM/DD/YY", "", "xyz", "fmDDth", "A.M. p.m.", "IYY IY I IDDD", "TMDay TMMonth", "HH24MISS", "FXYYYY MM"}

var numFormats = []string{"999", "000", "9999.99", "0000.00", "9,999", "999,999.99", "S999", "999S", "MI999", "999MI", "PR999", "999PR", "FM999.99", "FM000", "L999", "9D99", "9G999", "RN", "FMRN", "999th", "999TH", "V99", "99V9", "9.99EEEE", "SG999", "PL999", "$999", "", "\"txt\"999", "0.9", "999.", ".99", "B999",
	"FM9999999.9999", "S0", "rn", "99.9V9", "9 9 9", "9.9.9", "C999"}

var normForms = []string{"NFC", "NFD", "NFKC", "NFKD", "nfc"}

var encodings = []string{"UTF8", "utf-8", "LATIN1", "SQL_ASCII", "nope", "base64", "hex", "escape"}

// texts are the constants of kind k.
func (g *gen) texts(k types.Kind) []string {
	switch k {
	case types.Bool:
		return boolTexts
	case types.Int2, types.Int4, types.Int8, types.OID:
		return intTexts[k]
	case types.Float4:
		return float4Texts
	case types.Float8:
		return floatTexts
	case types.Numeric:
		return decTexts
	case types.Bytea:
		return byteaTexts
	case types.Date:
		return dateTexts
	case types.Time:
		return clockTexts
	case types.Bit, types.Varbit:
		return bitTexts
	case types.Inet, types.CIDR:
		return inetTexts
	case types.MacAddr:
		return macTexts
	case types.JSONPath:
		return pathTexts
	case types.Timestamp:
		return stampTexts
	case types.Interval:
		return spanTexts
	case types.UUID:
		return uuidTexts
	case types.JSON, types.JSONB:
		return jsonTexts
	case types.Name:
		return nameTexts
	case types.QChar:
		return []string{"a", "", "\\101", "1", "ab", "é"}
	case types.Regtype:
		return []string{"int4", "text", "numeric", "23", "timestamp with time zone", "double precision"}
	}
	return strTexts
}

// text is one constant of type t as input text, unquoted.
func (g *gen) text(t types.Type) string {
	switch t.Kind {
	case types.Array:
		return g.arrayText(*t.Elem)
	case types.TimeTZ:
		return g.one(clockTexts) + g.one([]string{"", "+00", "Z", "-05", "+05:30", "+14", " UTC", " EST"})
	case types.TimestampTZ:
		s := g.one(stampTexts)
		if strings.Contains(s, "inf") || s == "epoch" || strings.HasSuffix(s, "BC") {
			return s
		}
		return s + g.one(zoneSuffixes)
	case types.Int2, types.Int4, types.Int8:
		if g.chance(20) {
			return strconv.Itoa(g.r.IntN(200) - 100)
		}
	case types.Float8, types.Numeric:
		switch g.r.IntN(8) {
		case 0:
			return strconv.FormatFloat(g.r.NormFloat64()*100, 'f', g.r.IntN(6), 64)
		case 1:
			return strconv.Itoa(g.r.IntN(2000) - 1000)
		}
	case types.Date:
		if g.chance(30) {
			return g.randomDate()
		}
	case types.Timestamp:
		if g.chance(30) {
			return g.randomDate() + fmt.Sprintf(" %02d:%02d:%02d", g.r.IntN(24), g.r.IntN(60), g.r.IntN(60))
		}
	}
	return g.one(g.texts(t.Kind))
}

func (g *gen) randomDate() string {
	return fmt.Sprintf("%04d-%02d-%02d", 1850+g.r.IntN(250), 1+g.r.IntN(12), 1+g.r.IntN(28))
}

func (g *gen) arrayText(elem types.Type) string {
	dims := 1
	if g.chance(15) {
		dims = 2
	}
	var build func(d, n int) string
	build = func(d, n int) string {
		parts := make([]string, n)
		for i := range parts {
			switch {
			case d > 1:
				parts[i] = build(d-1, 2)
			case g.chance(15):
				parts[i] = "NULL"
			default:
				parts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(g.text(elem)) + `"`
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	n := g.r.IntN(4)
	if dims > 1 {
		n = 1 + g.r.IntN(2)
	}
	return build(dims, n)
}

// quote writes s as an SQL string; the pools write a quote as two already where they have one.
func quote(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "''", "'"), "'", "''") + "'"
}

// constant is a constant of type t in one of SQL's spellings.
func (g *gen) constant(t types.Type) string {
	if g.chance(6) {
		return "NULL::" + g.typeName(t)
	}
	s := g.text(t)
	switch {
	case g.chance(10):
		return quote(s) // untyped
	case (t.Kind == types.Int4 || t.Kind == types.Numeric && strings.ContainsAny(s, ".eE")) && !strings.ContainsAny(s, "nN") && g.chance(70):
		if s[0] == '-' {
			return "(" + s + ")"
		}
		return s
	case t.Kind == types.Bool && (s == "true" || s == "false"):
		return s
	}
	return quote(s) + "::" + g.typeName(t)
}

// typeName is what SQL calls t.
func (g *gen) typeName(t types.Type) string {
	switch t.Kind {
	case types.Array:
		return g.typeName(*t.Elem) + "[]"
	case types.Char:
		if t.Prec == 0 {
			return "bpchar"
		}
	}
	return t.String()
}
