package parser_test

import (
	"errors"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/format"
	"streamsql/sql/parser"
)

// TestKSQLRefused: what ksqlDB's grammar does not have is refused in its dialect, at the right token.
func TestKSQLRefused(t *testing.T) {
	for _, c := range []struct {
		text string
		pos  int
	}{
		{"SELECT * FROM s ORDER BY a", 16},
		{"SELECT * FROM s LIMIT heh", 22},
		{"SELECT * FROM s LIMIT 1 + 1", 24},
		{"SELECT * FROM s LIMIT 0::a", 23},
		{"SELECT count(*) FROM s GROUP BY a AND b", 34},
		{"SELECT count(*) FROM s GROUP BY a, (b, c)", 37},
		{"SELECT count(*) FROM s GROUP BY (b, c), a", 34},
		{"CREATE TYPE a STRUCT<x INT>", 14},
		{"ALTER TABLE s DROP COLUMN c", 14},
		{"ASSERT VALUES s (a INT) VALUES (1)", 19},
		{"ASSERT NOT EXISTS STREAM s", 18},
		{"ASSERT SCHEMA TIMEOUT 1 SECOND", 14},
		{"DEFINE x", 8},
		{"SELECT ${x} FROM s", 7},
	} {
		_, err := parser.Parse(c.text, parser.Options{Dialect: parser.KSQL})
		var pg *pgerr.Error
		if !errors.As(err, &pg) || pg.Code != pgerr.SyntaxError || pg.Pos != c.pos {
			t.Errorf("%s: got %v, want a syntax error at %d", c.text, err, c.pos)
		}
	}
}

// TestKSQLMeaning checks the forms whose meaning is ksqlDB's own.
func TestKSQLMeaning(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT user, `user`, 1r, a@b FROM s":                    `SELECT "USER", "user", "1R", "A@B" FROM S`,
		"SELECT count(*) FROM s GROUP BY (a, b)":                 "SELECT count(*) FROM S GROUP BY A, B",
		"SELECT * FROM s WINDOW w TUMBLING (SIZE 2 DAYS)":        "SELECT * FROM S WINDOW TUMBLING (SIZE 2 DAY)",
		"SELECT x->* FROM s":                                     "SELECT (X).* FROM S",
		"UNSET 'a.b'":                                            "RESET a.b",
		"SELECT a FROM s JOIN r WITHIN 1 HOUR ON s.k = r.k":      "SELECT A FROM S JOIN R WITHIN (1 HOUR, 1 HOUR) ON S.K = R.K",
		"PRINT 'a-b' FROM BEGINNING LIMIT 3":                     `PRINT "a-b" FROM BEGINNING LIMIT 3`,
		"ASSERT NULL VALUES s (k) KEY (1)":                       "ASSERT NULL VALUES S (K) KEY (1)",
		"ALTER STREAM s ADD COLUMN c INT, ADD d STRUCT<`e` INT>": `ALTER STREAM S ADD COLUMN C int, ADD COLUMN D struct<"e" int>`,
	} {
		stmts, err := parser.Parse(text, parser.Options{Dialect: parser.KSQL})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := format.KSQL(stmts[0].Stmt); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestSubstitute checks DEFINE's variables.
func TestSubstitute(t *testing.T) {
	vars := map[string]string{"topic": "'t'", "n": "5", "word": "it"}
	opt := parser.Options{Dialect: parser.KSQL, Variables: vars}
	stmts, err := parser.Parse("CREATE STREAM s (a INT) WITH (kafka_topic=${topic}, partitions=${N}, x='${word}s ${')", opt)
	if err != nil {
		t.Fatal(err)
	}
	with := stmts[0].Stmt.(*ast.Create).With
	if with[0].Value != "t" || with[1].Value != "5" || with[2].Value != "its ${" {
		t.Errorf("got %v", with)
	}
	_, err = parser.Parse("SELECT ${nope} FROM s", opt)
	var pg *pgerr.Error
	if !errors.As(err, &pg) || pg.Code != pgerr.UndefinedObject || pg.Pos != 7 {
		t.Errorf("an unknown variable: %v", err)
	}
	if _, err := parser.Parse("SELECT '${nope}'", parser.Options{}); err != nil {
		t.Errorf("the PostgreSQL dialect has no variables: %v", err)
	}
	var big = map[string]string{"x": string(make([]byte, 1<<19))}
	if _, err := parser.Substitute("${x}${x}${x}", big); err == nil {
		t.Error("a text grew beyond all bounds")
	}
}

// TestGroupByList: in GROUP BY a list in parentheses is no row, but for one with ROW.
func TestGroupByList(t *testing.T) {
	stmts, err := parser.Parse("SELECT a FROM t GROUP BY c, (a, b), ROW(d, e)", parser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := format.Stmt(stmts[0].Stmt), "SELECT a FROM t GROUP BY c, a, b, ROW(d, e)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
