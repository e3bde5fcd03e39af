package token_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/sql/token"
)

// spell prints tokens as kind letter and text.
func spell(text string) string {
	toks, err := token.Lex(text, nil)
	if err != nil {
		var pg *pgerr.Error
		if errors.As(err, &pg) {
			return fmt.Sprintf("%s at %d: %s", pg.Code, pg.Pos, pg.Msg)
		}
		return err.Error()
	}
	var out []string
	for _, t := range toks[:len(toks)-1] {
		out = append(out, string("?wqsnpo,b"[t.Kind])+":"+t.Text)
	}
	return strings.Join(out, " ")
}

func TestLex(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Select  FOO_1$ \"Foo\"\"x\" `b`", `w:select w:foo_1$ q:Foo"x q:b`},
		{"É é", "w:É w:é"}, // only ASCII letters are folded
		{"'a''b' '' N'x' 'a\\'", `s:a'b s: s:x s:a\`},
		{"'a'\n 'b' -- c\n 'd'", "s:abd"},
		{"'a' 'b'", "s:a s:b"},
		{"'a' -- no new line before a quote", "s:a"},
		{`E'\n\t\\\'\x41\101\u00e9\U0001F600\q'`, "s:\n\t\\'AAé😀q"},
		{`E'a''b'`, "s:a'b"},
		{`E'\uD83D\uDE00'`, "s:😀"},
		{`E'\uD83D'`, `42601 at 8: invalid Unicode surrogate pair at or near "'"`},
		{`E'\xff'`, `22021 at 0: invalid byte sequence for encoding "UTF8"`},
		{`E'\000'`, `22021 at 0: invalid byte sequence for encoding "UTF8"`},
		{`U&'d\0061t\+000061\\' U&"d!0061" UESCAPE '!'`, `s:data\ q:da`},
		{`U&'\D83D\DE00'`, "s:😀"},
		{`U&'\D83D'`, "42601 at 8: invalid Unicode escape"},
		{"B'01' x'1F'", "b:b01 b:x1F"},
		{"$$a$b$$ $q$ $$ $q$ $1 $12", "s:a$b s: $$  p:1 p:12"},
		{"a$1", "w:a$1"},
		{"1 1.5 .5 1. 1e3 1E-3 1.e+5 1_000 0x1F 0b101 0o17 1..2", "n:1 n:1.5 n:.5 n:1. n:1e3 n:1E-3 n:1.e+5 n:1000 n:31 n:5 n:15 n:1 ,:.. n:2"},
		{"0xFFFFFFFFFFFFFFFFFF", "n:4722366482869645213695"},
		{"1a", `42601 at 0: trailing junk after numeric literal at or near "1a"`},
		{"1__0", `42601 at 0: trailing junk after numeric literal at or near "1__0"`},
		{"a+-b a- -b a@-b a<-b 1--2", "w:a o:+ o:- w:b w:a o:- o:- w:b w:a o:@- w:b w:a o:< o:- w:b n:1"},
		{"a/*x /* y */ */b a!=b a<>b a->>b a::b a:=b a=>b", "w:a w:b w:a o:<> w:b w:a o:<> w:b w:a o:->> w:b w:a ,::: w:b w:a ,::= w:b w:a o:=> w:b"},
		{"a*/*c*/b ||/* */c", "w:a o:* w:b o:|| w:c"},
		{"a--c", "w:a"},
		{"/* open /* */", `42601 at 0: unterminated /* comment at or near "/* open /* */"`},
		{"'open", `42601 at 0: unterminated quoted string at or near "'open"`},
		{"x \"open", `42601 at 2: unterminated quoted identifier at or near ""open"`},
		{`""`, `42601 at 0: zero-length delimited identifier at or near """"`},
		{"$a$ open $$", `42601 at 0: unterminated dollar-quoted string at or near "$a$ open $$"`},
		{"B'2'", `22P02 at 0: "2" is not a valid binary digit`},
		{"a \x00", `22021 at 2: invalid byte sequence for encoding "UTF8": 0x00`},
		{"a \xff", `22021 at 2: invalid byte sequence for encoding "UTF8": 0xff`},
		{"\"a\x1e\"", "42602 at 0: names cannot contain the characters 0x1E and 0x1F"},
		{"'a\x1e'", "s:a\x1e"},
		{"a \\ b", `42601 at 2: syntax error at or near "\"`},
	} {
		if got := spell(c.text); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestLexPositions(t *testing.T) {
	const text = "sel /* x */ 'é' \"q\" 1.5\n$1::int"
	toks, err := token.Lex(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range toks {
		got = append(got, text[k.Pos:k.End])
	}
	if s := strings.Join(got, "|"); s != "sel|'é'|\"q\"|1.5|$1|::|int|" {
		t.Error(s)
	}
}

func TestKeywordClasses(t *testing.T) {
	for word, want := range map[string]token.Class{
		"select": token.Reserved, "left": token.FuncName, "coalesce": token.ColumnName, "key": token.Unreserved, "stream": token.Plain,
	} {
		if got := token.ClassOf(word); got != want {
			t.Errorf("%s: class %d, want %d", word, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	text := "select ';', \";\", $$;$$, $x$ ; $$ ; $x$ -- ; \n/* ; /* ; */ ; */ ; ; select E'\\';' ;(select 1; 2);\n tail"
	spans, err := token.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range spans {
		got = append(got, fmt.Sprintf("%s|%v", text[s.Start:s.End], s.Terminated))
	}
	want := []string{`select ';', ";", $$;$$, $x$ ; $$ ; $x$|true`, `select E'\';'|true`, "(select 1; 2)|true", "tail|false"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, open := range []string{"select 'a;", "select /* ;", "select $$;", `select ";`} {
		if _, err := token.Split(open); err == nil {
			t.Errorf("%s: no error", open)
		}
	}
}

// FuzzLex: no panic; tokens lie in order inside the text; an error points into it.
func FuzzLex(f *testing.F) {
	f.Add("select 'a''b', E'\\n', $$x$$, $1, 1.5e3 /* c */ -- d\n, a::b <> c")
	f.Add("U&'\\0061' UESCAPE '!' B'1' \"x\"")
	f.Fuzz(func(t *testing.T, text string) {
		toks, err := token.Lex(text, nil)
		var pg *pgerr.Error
		if err != nil && (!errors.As(err, &pg) || pg.Pos < 0 || pg.Pos > len(text)) {
			t.Fatalf("%q: %v", text, err)
		}
		last := 0
		for _, k := range toks {
			if k.Pos < last || k.End < k.Pos || k.End > len(text) {
				t.Fatalf("%q: token %d..%d behind %d", text, k.Pos, k.End, last)
			}
			last = k.End
		}
	})
}

func BenchmarkLex(b *testing.B) {
	const text = `SELECT o.id, o.customer, sum(i.price * i.qty) AS total FROM orders o JOIN items i ON o.id = i.order_id
		WHERE o.ts >= '2024-01-01' AND o.status <> 'cancelled' GROUP BY o.id, o.customer HAVING count(*) > 3 ORDER BY total DESC LIMIT 10`
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	var toks []token.Token
	for b.Loop() {
		var err error
		if toks, err = token.Lex(text, toks[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
