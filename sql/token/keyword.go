package token

import "strings"

// Class is the class of a keyword: what else it may be.
type Class uint8

// The classes of PostgreSQL 15. A word that is no keyword is Plain.
const (
	Plain      Class = iota
	Unreserved       // any name
	ColumnName       // a column or table, but no function or type
	FuncName         // a function or type, but no column or table
	Reserved         // only a label after AS
)

type keyword struct {
	text  string
	class Class
	bare  bool
}

// keywordBytesMax is the length of the longest keyword.
const keywordBytesMax = 17

// keywords are PostgreSQL 15's pg_get_keywords(), by class and by whether they need AS as a column label.
var keywords = func() map[string]keyword {
	all := make(map[string]keyword, 512)
	add := func(class Class, bare bool, words string) {
		for _, w := range strings.Fields(words) {
			all[w] = keyword{text: w, class: class, bare: bare}
		}
	}
	add(ColumnName, false, `
		char character precision`)
	add(ColumnName, true, `
		between bigint bit boolean coalesce dec decimal exists extract float greatest grouping inout int integer
		interval least national nchar none normalize nullif numeric out overlay position real row setof smallint
		substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest
		xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)
	add(Reserved, false, `
		array as create except fetch for from grant group having intersect into limit offset on order returning
		to union where window with`)
	add(Reserved, true, `
		all analyse analyze and any asc asymmetric both case cast check collate column constraint current_catalog
		current_date current_role current_time current_timestamp current_user default deferrable desc distinct do
		else end false foreign in initially lateral leading localtime localtimestamp not null only or placing
		primary references select session_user some symmetric table then trailing true unique user using variadic
		when`)
	add(FuncName, false, `
		isnull notnull overlaps`)
	add(FuncName, true, `
		authorization binary collation concurrently cross current_schema freeze full ilike inner is join left
		like natural outer right similar tablesample verbose`)
	add(Unreserved, false, `
		day filter hour minute month over second varying within without year`)
	add(Unreserved, true, `
		abort absolute access action add admin after aggregate also alter always asensitive assertion assignment
		at atomic attach attribute backward before begin breadth by cache call called cascade cascaded catalog
		chain characteristics checkpoint class close cluster columns comment comments commit committed
		compression configuration conflict connection constraints content continue conversion copy cost csv cube
		current cursor cycle data database deallocate declare defaults deferred definer delete delimiter
		delimiters depends depth detach dictionary disable discard document domain double drop each enable
		encoding encrypted enum escape event exclude excluding exclusive execute explain expression extension
		external family finalize first following force forward function functions generated global granted groups
		handler header hold identity if immediate immutable implicit import include including increment index
		indexes inherit inherits inline input insensitive insert instead invoker isolation key label language
		large last leakproof level listen load local location lock locked logged mapping match matched
		materialized maxvalue merge method minvalue mode move name names new next nfc nfd nfkc nfkd no normalized
		nothing notify nowait nulls object of off oids old operator option options ordinality others overriding
		owned owner parallel parameter parser partial partition passing password plans policy preceding prepare
		prepared preserve prior privileges procedural procedure procedures program publication quote range read
		reassign recheck recursive ref referencing refresh reindex relative release rename repeatable replace
		replica reset restart restrict return returns revoke role rollback rollup routine routines rows rule
		savepoint schema schemas scroll search security sequence sequences serializable server session set sets
		share show simple skip snapshot sql stable standalone start statement statistics stdin stdout storage
		stored strict strip subscription support sysid system tables tablespace temp template temporary text ties
		transaction transform trigger truncate trusted type types uescape unbounded uncommitted unencrypted
		unknown unlisten unlogged until update vacuum valid validate validator value version view views volatile
		whitespace work wrapper write xml yes zone`)
	return all
}()

// lookup returns the keyword that s spells, in any case.
func lookup(s string) (keyword, bool) {
	if len(s) > keywordBytesMax {
		return keyword{}, false
	}
	var buf [keywordBytesMax]byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	k, ok := keywords[string(buf[:len(s)])]
	return k, ok
}

// ClassOf returns the keyword class of a lower-case word.
func ClassOf(word string) Class { return keywords[word].class }

// Fold returns s with its ASCII letters in lower case, as PostgreSQL folds names.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
