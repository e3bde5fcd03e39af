package parser

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/sql/token"
)

// ksqlFree are keywords of PostgreSQL that ksqlDB does not know: there they name columns and streams.
var ksqlFree = map[string]bool{
	"user": true, "column": true, "desc": true, "asc": true, "placing": true, "both": true, "leading": true, "trailing": true, "initially": true,
	"deferrable": true, "do": true, "symmetric": true, "asymmetric": true, "analyse": true, "analyze": true, "variadic": true, "authorization": true,
	"binary": true, "concurrently": true, "freeze": true, "verbose": true, "session_user": true, "grant": true, "overlaps": true,
	"current_catalog": true, "current_date": true, "current_role": true, "current_time": true, "current_timestamp": true, "current_user": true,
	"localtime": true, "localtimestamp": true,
}

// freeWords makes plain names of ksqlFree.
func freeWords(toks []token.Token) {
	for i := range toks {
		if t := &toks[i]; t.Class > token.Unreserved && ksqlFree[t.Text] {
			t.Class, t.Bare = token.Unreserved, true
		}
	}
}

// Substitute replaces ${name} in a text of the ksql dialect by the value of the variable, wherever it stands, as ksqlDB does. Names
// have no case; vars has them in lower case. A name that is not in vars is an error 42704 with its place.
func Substitute(text string, vars map[string]string) (string, error) {
	var b strings.Builder
	for rest := 0; ; {
		i := strings.Index(text[rest:], "${")
		if i < 0 {
			b.WriteString(text[rest:])
			return b.String(), nil
		}
		i += rest
		n := strings.IndexByte(text[i:], '}')
		if n < 0 || !isVariable(text[i+2:i+n]) {
			b.WriteString(text[rest : i+2])
			rest = i + 2
			continue
		}
		value, ok := vars[strings.ToLower(text[i+2:i+n])]
		if !ok {
			return "", pgerr.At(i, pgerr.UndefinedObject, `variable "%s" is not defined`, text[i+2:i+n])
		}
		b.WriteString(text[rest:i])
		b.WriteString(value)
		if rest = i + n + 1; b.Len() > textBytesMax {
			return "", pgerr.At(i, pgerr.ProgramLimitExceeded, "statement is too long")
		}
	}
}

func isVariable(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' {
			if s[i] != '_' && (i == 0 || s[i] < '0' || s[i] > '9') {
				return false
			}
		}
	}
	return s != ""
}
