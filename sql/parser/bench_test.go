package parser

import (
	"testing"

	"streamsql/sql/token"
)

// selectText is a SELECT of about 300 bytes; mysqlText says the same to TiDB without our lowering.
const (
	selectText = `SELECT o.id, o.customer, sum(i.price * i.qty) AS total, count(*) AS n, max(o.ts) AS last_ts FROM orders AS o JOIN items AS i ON o.id = i.order_id ` +
		`WHERE o.ts >= '2024-01-01' AND o.status <> 'cancelled' AND o.region IN ('eu', 'us') GROUP BY o.id, o.customer HAVING count(*) > 3 ORDER BY total DESC LIMIT 10`
	lookupText = `SELECT * FROM v WHERE k = $1`
	mysqlText  = "SELECT o.id, o.customer, `sum`(i.price * i.qty) AS total, `count`(1) AS n, `max`(o.ts) AS last_ts FROM orders AS o JOIN items AS i ON o.id = i.order_id " +
		`WHERE o.ts >= '2024-01-01' AND o.status <> 'cancelled' AND o.region IN ('eu', 'us') GROUP BY o.id, o.customer HAVING count(*) > 3 ORDER BY total DESC LIMIT 10`
	mysqlLookup = "SELECT * FROM v WHERE k = ?"
)

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"select300", selectText}, {"lookup", lookupText}, {"commit", "COMMIT"}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(c.text, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSteps times the lexer, the lowering, and TiDB's parse of the lowered and of the plain text.
func BenchmarkSteps(b *testing.B) {
	for _, c := range []struct{ name, text, mysql string }{{"select300", selectText, mysqlText}, {"lookup", lookupText, mysqlLookup}} {
		b.Run("lex/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var toks []token.Token
			for b.Loop() {
				toks, _ = token.Lex(c.text, toks[:0])
			}
		})
		lowered := ""
		b.Run("lower/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, _ := start(c.text, Options{})
				p.query()
				lowered = p.build()
				if p.err != nil {
					b.Fatal(p.err)
				}
				p.release()
			}
		})
		b.Run("tidb-lowered/"+c.name, func(b *testing.B) { benchTiDB(b, lowered) })
		b.Run("tidb-plain/"+c.name, func(b *testing.B) { benchTiDB(b, c.mysql) })
	}
}

func benchTiDB(b *testing.B, text string) {
	b.ReportAllocs()
	t := pool.Get().(*tidbParser)
	for b.Loop() {
		if err := t.parseOnly(text); err != nil {
			b.Fatal(err)
		}
	}
}
