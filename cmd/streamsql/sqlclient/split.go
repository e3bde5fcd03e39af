package sqlclient

import "strings"

// splitter cuts lines into statements at semicolons outside quotes, comments and parentheses, by PostgreSQL's lexical
// rules. The zero splitter is ready.
type splitter struct {
	text  strings.Builder // of the statement so far
	words bool            // it has more than blanks and comments
	depth int             // open parentheses
	until string          // what ends the quote or comment we are in; "" outside
	level int             // nesting of /* */
}

// empty reports that no statement has begun.
func (s *splitter) empty() bool { return !s.words && s.until == "" }

// rest returns the statement that has begun, without its end, or "".
func (s *splitter) rest() string {
	if !s.words {
		return ""
	}
	return s.text.String()
}

// add takes a line and returns the statements that it completes, each with its semicolon.
func (s *splitter) add(line string) []string {
	var done []string
	for i := 0; i < len(line); {
		n := s.token(line, i)
		if !s.words && s.until == "" && strings.TrimSpace(line[i:i+n]) == "" {
			i += n // blanks before a statement
			continue
		}
		s.text.WriteString(line[i : i+n])
		if line[i] == ';' && s.until == "" && s.depth == 0 && n == 1 {
			if s.words {
				done = append(done, s.text.String())
			}
			*s = splitter{}
		}
		i += n
	}
	if s.until == "\n" {
		s.until = ""
	}
	return done
}

// token returns the length of the piece at i and follows it into and out of quotes and comments.
func (s *splitter) token(line string, i int) int {
	rest := line[i:]
	if s.until != "" {
		return s.quoted(rest)
	}
	switch {
	case strings.HasPrefix(rest, "--"):
		s.until = "\n"
		return 2
	case strings.HasPrefix(rest, "/*"):
		s.until, s.level = "*/", 1
		return 2
	case rest[0] == '\'' && i > 0 && (line[i-1] == 'e' || line[i-1] == 'E') && (i == 1 || !isWord(line[i-2])):
		s.until = `\'`
	case rest[0] == '\'' || rest[0] == '"':
		s.until = rest[:1]
	case rest[0] == '$' && (i == 0 || !isWord(line[i-1])):
		if tag := dollarTag(rest); tag != "" {
			s.until, s.words = tag, true
			return len(tag)
		}
	case rest[0] == '(':
		s.depth++
	case rest[0] == ')':
		s.depth = max(s.depth-1, 0)
	}
	if rest[0] != ';' && rest[0] > ' ' {
		s.words = true
	}
	return 1
}

// quoted moves on inside a quote or comment.
func (s *splitter) quoted(rest string) int {
	switch s.until {
	case `\'`: // E'…': a backslash hides the next byte
		if rest[0] == '\\' && len(rest) > 1 {
			return 2
		}
		if rest[0] == '\'' {
			s.until = ""
		}
		return 1
	case "*/":
		switch {
		case strings.HasPrefix(rest, "/*"):
			s.level++
			return 2
		case !strings.HasPrefix(rest, "*/"):
			return 1
		}
		if s.level--; s.level == 0 {
			s.until = ""
		}
		return 2
	}
	if !strings.HasPrefix(rest, s.until) {
		return 1
	}
	n := len(s.until)
	s.until = ""
	return n
}

// dollarTag returns the "$tag$" that rest begins with, or "".
func dollarTag(rest string) string {
	end := strings.IndexByte(rest[1:], '$')
	if end < 0 {
		return ""
	}
	for i, b := range []byte(rest[1 : 1+end]) {
		if !isWord(b) || i == 0 && b >= '0' && b <= '9' {
			return ""
		}
	}
	return rest[:end+2]
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80
}
