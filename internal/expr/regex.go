package expr

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"

	"streamsql/internal/pgerr"
)

// PostgreSQL's advanced regular expressions, translated to Go's. Both are linear in practice, but Go's have neither
// back references nor look-around: those are refused with 0A000.

// regexFlags are the options of a regular expression function.
type regexFlags struct {
	global     bool
	ignoreCase bool
	newline    bool // "n": . and [^…] do not match a newline, ^ and $ match at lines
	anchors    bool // "w": only ^ and $ match at lines
	dotNoNL    bool // "p": only . and [^…] avoid newlines
	expanded   bool
	literal    bool
}

// set applies option letters; the last of contradicting ones counts.
func (o *regexFlags) set(letters string) error {
	for _, c := range letters {
		switch c {
		case 'g':
			o.global = true
		case 'i':
			o.ignoreCase = true
		case 'c':
			o.ignoreCase = false
		case 'n', 'm':
			o.newline = true
		case 's':
			o.newline, o.anchors, o.dotNoNL = false, false, false
		case 'p':
			o.dotNoNL = true
		case 'w':
			o.anchors = true
		case 'x':
			o.expanded = true
		case 't':
			o.expanded = false
		case 'q':
			o.literal = true
		case 'b', 'e':
			return pgerr.Unsupported(pgerr.NoPos, "the regular expression option \"%c\"", c)
		default:
			return pgerr.New(pgerr.InvalidParameterValue, "invalid regular expression option: \"%c\"", c)
		}
	}
	return nil
}

// compileRegex translates and compiles p.
func compileRegex(p string, o regexFlags) (*regexp.Regexp, error) {
	src, greedy, err := translateRegex(p, &o)
	if err != nil {
		return nil, err
	}
	flags := ""
	if o.ignoreCase {
		flags += "i"
	}
	if o.newline || o.anchors {
		flags += "m"
	}
	if !o.newline && !o.dotNoNL {
		flags += "s"
	}
	if flags != "" {
		src = "(?" + flags + ")" + src
	}
	re, err := regexp.Compile(src)
	if err != nil {
		return nil, regexError(err)
	}
	if greedy {
		re.Longest()
	}
	return re, nil
}

var regexMessages = map[syntax.ErrorCode]string{
	syntax.ErrMissingParen: "parentheses () not balanced", syntax.ErrUnexpectedParen: "parentheses () not balanced",
	syntax.ErrMissingBracket: "brackets [] not balanced", syntax.ErrMissingRepeatArgument: "quantifier operand invalid",
	syntax.ErrInvalidRepeatOp: "quantifier operand invalid", syntax.ErrInvalidRepeatSize: "invalid repetition count(s)",
	syntax.ErrInvalidCharRange: "invalid character range", syntax.ErrTrailingBackslash: `invalid escape \ sequence`,
	syntax.ErrInvalidEscape: `invalid escape \ sequence`, syntax.ErrInvalidCharClass: "invalid character class",
	syntax.ErrLarge: "regular expression is too complex", syntax.ErrNestingDepth: "regular expression is too complex",
}

func regexError(err error) error {
	var se *syntax.Error
	if errors.As(err, &se) {
		if msg, ok := regexMessages[se.Code]; ok {
			return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", msg)
		}
	}
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", err)
}

// translateRegex gives p in Go's syntax. greedy is false if p has a non-greedy quantifier; else the longest match
// counts.
func translateRegex(p string, o *regexFlags) (src string, greedy bool, err error) {
	if rest, ok := strings.CutPrefix(p, "***="); ok {
		o.literal, p = true, rest
	} else {
		p = strings.TrimPrefix(p, "***:")
	}
	if strings.HasPrefix(p, "(?") && !o.literal {
		if end := strings.IndexByte(p, ')'); end > 2 && isOptions(p[2:end]) {
			if err := o.set(p[2:end]); err != nil {
				return "", false, err
			}
			p = p[end+1:]
		}
	}
	if o.literal {
		return regexp.QuoteMeta(p), true, nil
	}
	t := regexTranslator{in: p, flags: o, greedy: true}
	err = t.run()
	return t.out.String(), t.greedy, err
}

func isOptions(s string) bool {
	return strings.Trim(s, "bceimnpqstwx") == ""
}

type regexTranslator struct {
	in     string
	pos    int
	out    strings.Builder
	flags  *regexFlags
	greedy bool
}

func (t *regexTranslator) run() error {
	for t.pos < len(t.in) {
		c := t.in[t.pos]
		var err error
		switch {
		case c == '\\':
			err = t.escape(false)
		case c == '[':
			err = t.bracket()
		case c == '(' && strings.HasPrefix(t.in[t.pos:], "(?"):
			err = t.group()
		case t.flags.expanded && strings.IndexByte(" \t\n\r\f\v", c) >= 0:
			t.pos++
		case t.flags.expanded && c == '#':
			if i := strings.IndexByte(t.in[t.pos:], '\n'); i >= 0 {
				t.pos += i
			} else {
				t.pos = len(t.in)
			}
		case strings.IndexByte("*+?}", c) >= 0 && t.pos+1 < len(t.in) && t.in[t.pos+1] == '?':
			t.greedy = false
			t.copy(2)
		case c == '{' && (t.pos+1 == len(t.in) || t.in[t.pos+1] < '0' || t.in[t.pos+1] > '9'):
			t.out.WriteString(`\{`)
			t.pos++
		default:
			t.copy(1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *regexTranslator) copy(n int) {
	t.out.WriteString(t.in[t.pos : t.pos+n])
	t.pos += n
}

// group copies "(?:", drops comments and refuses look-around.
func (t *regexTranslator) group() error {
	rest := t.in[t.pos:]
	switch {
	case strings.HasPrefix(rest, "(?:"):
		t.copy(3)
		return nil
	case strings.HasPrefix(rest, "(?#"):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: parentheses () not balanced")
		}
		t.pos += end + 1
		return nil
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?<"):
		return pgerr.Unsupported(pgerr.NoPos, "look-around in regular expressions")
	}
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: quantifier operand invalid")
}

// escape translates a backslash sequence.
func (t *regexTranslator) escape(inBracket bool) error {
	if t.pos+1 == len(t.in) {
		return pgerr.New(pgerr.InvalidRegularExpression, `invalid regular expression: invalid escape \ sequence`)
	}
	c := t.in[t.pos+1]
	if inBracket && c == 'w' {
		t.out.WriteString(`\pL\p{Nd}_`)
		t.pos += 2
		return nil
	}
	if inBracket && c == 'W' {
		return pgerr.Unsupported(pgerr.NoPos, `\W in bracket expressions`)
	}
	if to, ok := regexEscapes[c]; ok && !(inBracket && strings.IndexByte("mMyYAZ", c) >= 0) {
		t.out.WriteString(to)
		t.pos += 2
		return nil
	}
	switch {
	case c >= '1' && c <= '9' && !inBracket:
		return pgerr.Unsupported(pgerr.NoPos, "back references in regular expressions")
	case c == 'u' || c == 'U' || c == 'x':
		return t.hexEscape(c)
	case c == 'c' && t.pos+2 < len(t.in):
		t.out.WriteString(regexp.QuoteMeta(string(rune(t.in[t.pos+2] & 31))))
		t.pos += 3
		return nil
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
		return pgerr.New(pgerr.InvalidRegularExpression, `invalid regular expression: invalid escape \ sequence`)
	case c >= 0x80:
		t.pos++ // an escaped letter beyond ASCII stands for itself
		return nil
	}
	t.copy(2)
	return nil
}

var regexEscapes = map[byte]string{'d': `\d`, 'D': `\D`, 's': `\s`, 'S': `\S`, 'w': `[\pL\p{Nd}_]`, 'W': `[^\pL\p{Nd}_]`, 'y': `\b`, 'Y': `\B`,
	'm': `\b`, 'M': `\b`, 'A': `\A`, 'Z': `\z`, 'a': `\x07`, 'b': `\x08`, 'B': `\\`, 'e': `\x1b`, 'f': `\f`, 'n': `\n`, 'r': `\r`,
	't': `\t`, 'v': `\v`, '0': `\x00`}

// unicodeClasses are the character classes that know letters beyond ASCII.
var unicodeClasses = map[string]string{"alpha": `\pL`, "upper": `\p{Lu}`, "lower": `\p{Ll}`, "alnum": `\pL\p{Nd}`}

func (t *regexTranslator) hexEscape(c byte) error {
	want := map[byte]int{'u': 4, 'U': 8, 'x': 8}[c]
	i := t.pos + 2
	for i < len(t.in) && i-t.pos-2 < want && strings.IndexByte("0123456789abcdefABCDEF", t.in[i]) >= 0 {
		i++
	}
	digits := t.in[t.pos+2 : i]
	if digits == "" || c != 'x' && len(digits) != want {
		return pgerr.New(pgerr.InvalidRegularExpression, `invalid regular expression: invalid escape \ sequence`)
	}
	t.out.WriteString(`\x{` + digits + `}`)
	t.pos = i
	return nil
}

// bracket copies a bracket expression; [[:<:]] and [[:>:]] are word boundaries.
func (t *regexTranslator) bracket() error {
	if rest := t.in[t.pos:]; strings.HasPrefix(rest, "[[:<:]]") || strings.HasPrefix(rest, "[[:>:]]") {
		t.out.WriteString(`\b`)
		t.pos += 7
		return nil
	}
	t.copy(1)
	if t.pos < len(t.in) && t.in[t.pos] == '^' {
		t.copy(1)
		if t.flags.newline || t.flags.dotNoNL {
			t.out.WriteString(`\n`)
		}
	}
	for first := true; t.pos < len(t.in); first = false {
		switch c := t.in[t.pos]; {
		case c == ']' && !first:
			t.copy(1)
			return nil
		case c == ']':
			t.out.WriteString(`\]`)
			t.pos++
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case c == '[' && strings.HasPrefix(t.in[t.pos:], "[:"):
			end := strings.Index(t.in[t.pos:], ":]")
			if end < 0 {
				return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: invalid character class")
			}
			if class, ok := unicodeClasses[t.in[t.pos+2:t.pos+end]]; ok {
				t.out.WriteString(class)
				t.pos += end + 2
				continue
			}
			t.copy(end + 2)
		case c == '[' && (strings.HasPrefix(t.in[t.pos:], "[.") || strings.HasPrefix(t.in[t.pos:], "[=")):
			return pgerr.Unsupported(pgerr.NoPos, "collating elements in regular expressions")
		case c == '[':
			t.out.WriteString(`\[`)
			t.pos++
		default:
			t.copy(1)
		}
	}
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: brackets [] not balanced")
}
