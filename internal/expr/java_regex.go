package expr

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// Java's regular expressions, translated to Go's. Both take the leftmost match and of alternatives the first. What Go's
// linear matcher cannot do (look-around, back references, atomic groups, possessive quantifiers) is refused with 0A000, and
// so are classes that are intersections. $ is the end of the text only, not also the place before a last line break.

// compileJavaRegex translates and compiles p.
func compileJavaRegex(p string) (*regexp.Regexp, error) {
	t := javaRegex{in: p}
	if err := t.run(); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(t.out.String())
	if err != nil {
		return nil, regexError(err)
	}
	return re, nil
}

// javaRegex translates a pattern.
type javaRegex struct {
	in     string
	pos    int
	out    strings.Builder
	dotAll bool
	outer  []bool // dotAll outside of each open group
	names  []string
}

func errJavaRegex(what string) error {
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", what)
}

func noJavaRegex(what string) error {
	return pgerr.Unsupported(pgerr.NoPos, "%s in regular expressions", what)
}

func (t *javaRegex) run() error {
	for t.pos < len(t.in) {
		var err error
		switch c := t.in[t.pos]; c {
		case '\\':
			err = t.escape()
		case '[':
			err = t.class()
		case '(':
			err = t.group()
		case ')':
			if n := len(t.outer); n > 0 {
				t.dotAll, t.outer = t.outer[n-1], t.outer[:n-1]
			}
			t.copy(1)
		case '.':
			if t.dotAll {
				t.out.WriteString(`(?s:.)`)
			} else {
				t.out.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`)
			}
			t.pos++
		case '*', '+', '?':
			err = t.quantifier(1)
		case '{':
			end := strings.IndexByte(t.in[t.pos:], '}')
			if end < 0 || !isRepeat(t.in[t.pos+1:t.pos+end]) {
				return errJavaRegex("illegal repetition")
			}
			err = t.quantifier(end + 1)
		case '}', ']':
			t.out.WriteByte('\\')
			t.copy(1)
		default:
			t.copy(1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *javaRegex) copy(n int) {
	t.out.WriteString(t.in[t.pos : t.pos+n])
	t.pos += n
}

// isRepeat reports what may stand in the braces of a quantifier: n, "n," or "n,m".
func isRepeat(s string) bool {
	from, to, _ := strings.Cut(s, ",")
	return from != "" && strings.Trim(from, "0123456789") == "" && strings.Trim(to, "0123456789") == ""
}

// quantifier copies a quantifier of n bytes and a question mark behind it.
func (t *javaRegex) quantifier(n int) error {
	t.copy(n)
	if t.pos < len(t.in) {
		switch t.in[t.pos] {
		case '+':
			return noJavaRegex("possessive quantifiers")
		case '?':
			t.copy(1)
		}
	}
	return nil
}

// group copies the head of a group.
func (t *javaRegex) group() error {
	rest := t.in[t.pos:]
	if !strings.HasPrefix(rest, "(?") {
		t.outer = append(t.outer, t.dotAll)
		t.copy(1)
		return nil
	}
	switch {
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		return noJavaRegex("look-around")
	case strings.HasPrefix(rest, "(?>"):
		return noJavaRegex("atomic groups")
	case strings.HasPrefix(rest, "(?<"):
		name, _, _ := strings.Cut(rest[3:], ">")
		if slices.Contains(t.names, name) {
			return errJavaRegex("named capturing group <" + name + "> is already defined")
		}
		t.names = append(t.names, name)
		t.outer = append(t.outer, t.dotAll)
		t.copy(2)
		return nil
	}
	end := strings.IndexAny(rest, ":)")
	if end < 0 {
		return errJavaRegex("parentheses () not balanced")
	}
	flags := rest[2:end]
	if i := strings.IndexFunc(flags, func(c rune) bool { return !strings.ContainsRune("ims-", c) }); i >= 0 {
		if strings.ContainsRune("xudU", rune(flags[i])) {
			return noJavaRegex("the flag " + flags[i:i+1])
		}
		return errJavaRegex("unknown inline modifier")
	}
	if rest[end] == ':' {
		t.outer = append(t.outer, t.dotAll)
	}
	on, off, _ := strings.Cut(flags, "-")
	if strings.Contains(on, "s") {
		t.dotAll = true
	}
	if strings.Contains(off, "s") {
		t.dotAll = false
	}
	if flags == "" && rest[end] == ')' || flags == "-" {
		t.pos += end + 1 // no flag is changed
		if rest[end] == ':' {
			t.out.WriteString("(?:")
		}
		return nil
	}
	t.copy(end + 1)
	return nil
}

// Classes of characters as they are written within brackets.
const (
	javaSpace    = `\t-\r `
	javaNotSpace = `\x{0}-\x{8}\x{e}-\x{1f}!-\x{10ffff}`
	javaHoriz    = `\t \x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}`
	javaVert     = `\n-\r\x{85}\x{2028}\x{2029}`
)

// javaClasses are the escapes that stand for classes.
var javaClasses = map[byte]string{'s': javaSpace, 'S': javaNotSpace, 'h': javaHoriz, 'v': javaVert, 'd': `0-9`, 'D': `\x{0}-/:-\x{10ffff}`,
	'w': `0-9A-Za-z_`, 'W': "\\x{0}-/:-@\\[-\\^`{-\\x{10ffff}"}

// javaProperties are the names that \p{…} knows besides those of Unicode.
var javaProperties = map[string]string{"Lower": `a-z`, "Upper": `A-Z`, "ASCII": `\x{0}-\x{7f}`, "Alpha": `A-Za-z`, "Digit": `0-9`, "Alnum": `0-9A-Za-z`,
	"Punct": "!-/:-@\\[-`{-~", "Graph": `!-~`, "Print": ` -~`, "Blank": ` \t`, "Cntrl": `\x{0}-\x{1f}\x{7f}`, "XDigit": `0-9A-Fa-f`, "Space": javaSpace,
	"javaLowerCase": `\p{Ll}`, "javaUpperCase": `\p{Lu}`, "javaWhitespace": javaSpace + `\x{1c}-\x{1f}\p{Zl}\p{Zp}`, "javaLetter": `\p{L}`, "javaDigit": `\p{Nd}`,
	"javaLetterOrDigit": `\p{L}\p{Nd}`, "javaAlphabetic": `\p{L}\p{Nl}`, "IsAlphabetic": `\p{L}\p{Nl}`, "IsLetter": `\p{L}`, "IsDigit": `\p{Nd}`, "IsLowercase": `\p{Ll}`, "IsUppercase": `\p{Lu}`,
	"IsPunctuation": `\p{P}`, "IsWhite_Space": javaSpace + `\x{85}\p{Z}`, "L1": `\x{0}-\x{ff}`, "all": `\x{0}-\x{10ffff}`, "LC": `\p{Lu}\p{Ll}\p{Lt}`}

// escape translates a backslash sequence outside of brackets.
func (t *javaRegex) escape() error {
	if t.pos+1 == len(t.in) {
		return errJavaRegex(`invalid escape \ sequence`)
	}
	c := t.in[t.pos+1]
	if class, ok := javaClasses[c]; ok {
		t.out.WriteString("[" + class + "]")
		t.pos += 2
		return nil
	}
	switch c {
	case 'b', 'B', 'A', 'z':
		t.copy(2)
		return nil
	case 'Z':
		t.out.WriteString(`\z`)
		t.pos += 2
		return nil
	case 'R':
		t.out.WriteString(`(?:\r\n|[` + javaVert + `])`)
		t.pos += 2
		return nil
	case 'Q':
		t.out.WriteString(regexp.QuoteMeta(t.quoted()))
		return nil
	case 'H':
		t.out.WriteString("[^" + javaHoriz + "]")
		t.pos += 2
		return nil
	case 'V':
		t.out.WriteString("[^" + javaVert + "]")
		t.pos += 2
		return nil
	case 'G', 'X':
		return noJavaRegex(`\` + string(c))
	case 'k':
		return noJavaRegex("back references")
	}
	if c >= '1' && c <= '9' {
		return noJavaRegex("back references")
	}
	if c == 'p' || c == 'P' {
		s, err := t.property()
		if err == nil {
			t.out.WriteString("[" + s + "]")
		}
		return err
	}
	r, err := t.char()
	if err == nil {
		t.out.WriteString(regexp.QuoteMeta(string(r)))
	}
	return err
}

// quoted reads \Q…\E, or up to the end of the pattern.
func (t *javaRegex) quoted() string {
	text, rest, _ := strings.Cut(t.in[t.pos+2:], `\E`)
	t.pos = len(t.in) - len(rest)
	return text
}

// property translates \p{…}, \P{…} and \pL to what stands in brackets.
func (t *javaRegex) property() (string, error) {
	not := t.in[t.pos+1] == 'P'
	rest := t.in[t.pos+2:]
	name := ""
	switch end := strings.IndexByte(rest, '}'); {
	case rest == "":
		return "", errJavaRegex("invalid character class")
	case rest[0] != '{':
		name = rest[:1]
		t.pos += 3
	case end < 0:
		return "", errJavaRegex("invalid character class")
	default:
		name = rest[1:end]
		t.pos += 3 + end
	}
	if strings.HasPrefix(name, "^") {
		return "", errJavaRegex("invalid character class")
	}
	if set, ok := javaProperties[name]; ok {
		if !not {
			return set, nil
		}
		return complement(set)
	}
	if strings.HasPrefix(name, "In") || strings.HasPrefix(name, "blk=") || strings.HasPrefix(name, "block=") {
		return "", noJavaRegex("the blocks of Unicode")
	}
	for _, prefix := range [...]string{"Is", "general_category=", "gc=", "script=", "sc="} {
		name = strings.TrimPrefix(name, prefix)
	}
	class := `\p{` + name + `}`
	if not {
		class = `\P{` + name + `}`
	}
	if _, err := syntax.Parse(class, syntax.Perl); err != nil {
		return "", errJavaRegex("unknown character property name {" + name + "}")
	}
	return class, nil
}

// complement returns the characters that set, the inside of brackets, does not have, as the inside of brackets.
func complement(set string) (string, error) {
	re, err := syntax.Parse("[^"+set+"]", syntax.Perl)
	if err != nil {
		return "", regexError(err)
	}
	if re.Op != syntax.OpCharClass {
		return "", noJavaRegex("the complement of this class")
	}
	var b strings.Builder
	for i := 0; i+1 < len(re.Rune); i += 2 {
		b.WriteString(classChar(re.Rune[i]) + "-" + classChar(re.Rune[i+1]))
	}
	return b.String(), nil
}

// char reads an escaped character.
func (t *javaRegex) char() (rune, error) {
	bad := errJavaRegex(`invalid escape \ sequence`)
	c := t.in[t.pos+1]
	rest := t.in[t.pos+2:]
	hex := func(digits string, skip int) (rune, error) {
		v, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || v > utf8.MaxRune {
			return 0, bad
		}
		t.pos += 2 + skip
		return rune(v), nil
	}
	switch {
	case c == 'x' && strings.HasPrefix(rest, "{"):
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return 0, bad
		}
		return hex(rest[1:end], end+1)
	case c == 'x' && len(rest) >= 2:
		return hex(rest[:2], 2)
	case c == 'u' && len(rest) >= 4:
		return hex(rest[:4], 4)
	case c == '0':
		n := 0
		for n < 3 && n < len(rest) && rest[n] >= '0' && rest[n] <= '7' && (n < 2 || rest[0] <= '3') {
			n++
		}
		v, err := strconv.ParseUint(rest[:n], 8, 32)
		if err != nil {
			return 0, bad
		}
		t.pos += 2 + n
		return rune(v), nil
	case c == 'c' && rest != "":
		t.pos += 3
		return rune(rest[0] ^ 64), nil
	}
	if r, ok := map[byte]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': 7, 'e': 27}[c]; ok {
		t.pos += 2
		return r, nil
	}
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
		return 0, bad
	}
	r, n := utf8.DecodeRuneInString(t.in[t.pos+1:])
	t.pos += 1 + n
	return r, nil
}

// class translates an expression in brackets. A class within it that is not negated is put into it.
func (t *javaRegex) class() error {
	set, not, err := t.set(0)
	if err != nil {
		return err
	}
	if not {
		t.out.WriteString("[^" + set + "]")
	} else {
		t.out.WriteString("[" + set + "]")
	}
	return nil
}

// classDepthMax bounds classes within classes.
const classDepthMax = 50

func (t *javaRegex) set(depth int) (set string, not bool, err error) {
	t.pos++
	if strings.HasPrefix(t.in[t.pos:], "^") {
		not = true
		t.pos++
	}
	var b strings.Builder
	for first := true; t.pos < len(t.in); first = false {
		switch c := t.in[t.pos]; {
		case c == ']' && !first:
			t.pos++
			return b.String(), not, nil
		case strings.HasPrefix(t.in[t.pos:], "&&"):
			return "", false, noJavaRegex("intersections of classes")
		case c == '[':
			inner, innerNot, err := "", false, errJavaRegex("brackets [] nested too deeply")
			if depth < classDepthMax {
				inner, innerNot, err = t.set(depth + 1)
			}
			if err == nil && innerNot {
				inner, err = complement(inner)
			}
			if err != nil {
				return "", false, err
			}
			b.WriteString(inner)
		default:
			part, err := t.classPart()
			if err != nil {
				return "", false, err
			}
			b.WriteString(part)
		}
	}
	return "", false, errJavaRegex("brackets [] not balanced")
}

// classPart translates a character, a range or an escape within brackets.
func (t *javaRegex) classPart() (string, error) {
	if c := t.in[t.pos]; c == '\\' && t.pos+1 < len(t.in) {
		switch e := t.in[t.pos+1]; {
		case javaClasses[e] != "":
			t.pos += 2
			return javaClasses[e], nil
		case e == 'p' || e == 'P':
			return t.property()
		case e == 'H' || e == 'V':
			t.pos += 2
			return complement(javaClasses[e|0x20])
		case e == 'Q':
			var b strings.Builder
			for _, c := range t.quoted() {
				b.WriteString(classChar(c))
			}
			return b.String(), nil
		}
	}
	from, err := t.classRune()
	if err != nil {
		return "", err
	}
	rest := t.in[t.pos:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' || rest[1] == '[' {
		return classChar(from), nil
	}
	t.pos++
	to, err := t.classRune()
	if err != nil {
		return "", err
	}
	if to < from {
		return "", errJavaRegex("invalid character range")
	}
	return classChar(from) + "-" + classChar(to), nil
}

func (t *javaRegex) classRune() (rune, error) {
	if t.in[t.pos] == '\\' {
		if t.pos+1 == len(t.in) {
			return 0, errJavaRegex(`invalid escape \ sequence`)
		}
		return t.char()
	}
	r, n := utf8.DecodeRuneInString(t.in[t.pos:])
	t.pos += n
	return r, nil
}

func classChar(r rune) string { return `\x{` + strconv.FormatInt(int64(r), 16) + `}` }
