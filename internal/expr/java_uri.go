package expr

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// javaURI is a URI taken apart as java.net.URI does; parts that it does not have are not set.
type javaURI struct {
	scheme, host, path, query, fragment   string
	hasScheme, hasHost, hasPath, hasQuery bool
	hasFragment                           bool
	port                                  int // -1: none
	s                                     string
}

// Characters that may stand in the parts of a URI, besides letters and digits, escapes and characters beyond ASCII.
const (
	uriMark     = "-_.!~*'()"
	uriAny      = uriMark + ";/?:@&=+$,[]"
	uriPath     = uriMark + ":@&=+$,;/"
	uriUser     = uriMark + ";:&=+$,"
	uriRegistry = uriMark + "$,;:@&=+"
	uriServer   = uriUser + "-.:@[]"
)

func isAlpha(c byte) bool    { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isAlphaNum(c byte) bool { return isAlpha(c) || isDigit(c) }

func isHexDigit(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// uriOf reads a URI. Error: 22023.
func uriOf(s string) (u javaURI, err error) {
	u = javaURI{port: -1, s: s}
	rest := s
	if i := strings.IndexAny(s, ":/?#"); i >= 0 && s[i] == ':' {
		u.scheme, u.hasScheme = s[:i], true
		if !isScheme(u.scheme) {
			return u, u.bad()
		}
		rest = s[i+1:]
	}
	rest, u.fragment, u.hasFragment = strings.Cut(rest, "#")
	if !legal(u.fragment, uriAny) {
		return u, u.bad()
	}
	if u.hasScheme && !strings.HasPrefix(rest, "/") {
		if rest == "" || !legal(rest, uriAny) {
			return u, u.bad()
		}
		return u, nil // it is opaque: there is no path
	}
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		end := strings.IndexAny(after, "/?")
		if end < 0 {
			end = len(after)
		}
		if end == len(after) && end == 0 && !u.hasFragment || end > 0 && !u.authority(after[:end]) {
			return u, u.bad()
		}
		rest = after[end:]
	}
	u.path, u.query, u.hasQuery = strings.Cut(rest, "?")
	u.hasPath = true
	if !legal(u.path, uriPath) || !legal(u.query, uriAny) {
		return u, u.bad()
	}
	return u, nil
}

func (u *javaURI) bad() error {
	return pgerr.New(pgerr.InvalidParameterValue, "not a valid URL: %q", u.s)
}

func isScheme(s string) bool {
	if s == "" || !isAlpha(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isAlphaNum(s[i]) && strings.IndexByte("+-.", s[i]) < 0 {
			return false
		}
	}
	return true
}

// legal reports whether s has letters, digits, escapes, characters beyond ASCII and those of set only.
func legal(s, set string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case isAlphaNum(c), strings.IndexByte(set, c) >= 0:
			i++
		case c == '%':
			if i+2 >= len(s) || !isHexDigit(s[i+1]) || !isHexDigit(s[i+2]) {
				return false
			}
			i += 3
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if unicode.Is(unicode.Z, r) || unicode.IsControl(r) {
				return false
			}
			i += n
		default:
			return false
		}
	}
	return true
}

// authority reads user, host and port. An authority that has the characters of a name, but is no server, names no host.
func (u *javaURI) authority(s string) bool {
	isName := legal(s, uriRegistry)
	if legal(s, uriServer) && !strings.ContainsFunc(s, func(c rune) bool { return c == '%' && !strings.Contains(s, "@") }) || strings.Contains(s, "]") {
		if u.server(s) {
			return true
		}
	}
	u.host, u.hasHost, u.port = "", false, -1
	return isName
}

func (u *javaURI) server(s string) bool {
	if user, host, ok := strings.Cut(s, "@"); ok {
		if !legal(user, uriUser) {
			return false
		}
		s = host
	}
	n := 0
	if strings.HasPrefix(s, "[") {
		if n = strings.IndexByte(s, ']') + 1; n <= 1 || !isIPv6(s[1:n-1]) {
			return false
		}
	} else if n = ipv4Length(s); n == 0 {
		if n = hostLength(s); n == 0 {
			return false
		}
	}
	u.host, u.hasHost = s[:n], true
	if s = s[n:]; s == "" {
		return true
	}
	digits, ok := strings.CutPrefix(s, ":")
	if !ok || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	if digits != "" {
		port, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			return false
		}
		u.port = int(port)
	}
	return true
}

// isIPv6 reports an address of version 6, perhaps with a scope behind a percent sign.
func isIPv6(s string) bool {
	s, scope, ok := strings.Cut(s, "%")
	if ok && scope == "" {
		return false
	}
	if strings.Count(s, "::") > 1 || strings.Contains(s, ":::") {
		return false
	}
	groups := 0
	for i, g := range strings.Split(s, ":") {
		switch {
		case g == "":
			if i > 0 && !strings.Contains(s, "::") {
				return false
			}
		case strings.Contains(g, "."):
			if !strings.HasSuffix(s, g) || ipv4Length(g) != len(g) {
				return false
			}
			groups += 2
		case len(g) > 4 || strings.Trim(g, "0123456789abcdefABCDEF") != "":
			return false
		default:
			groups++
		}
	}
	if strings.HasPrefix(s, ":") && !strings.HasPrefix(s, "::") || strings.HasSuffix(s, ":") && !strings.HasSuffix(s, "::") {
		return false
	}
	return groups == 8 || groups < 8 && strings.Contains(s, "::")
}

// ipv4Length returns the length of the address of version 4 that s begins with, up to a colon or its end, or 0.
func ipv4Length(s string) int {
	n := strings.IndexByte(s, ':')
	if n < 0 {
		n = len(s)
	}
	parts := strings.Split(s[:n], ".")
	if len(parts) != 4 {
		return 0
	}
	for _, p := range parts {
		if v, err := strconv.ParseUint(p, 10, 32); err != nil || v > 255 {
			return 0
		}
	}
	return n
}

// hostLength returns the length of the host name that s begins with, up to a colon or its end, or 0: labels of letters,
// digits and inner dashes, the last of several not beginning with a digit.
func hostLength(s string) int {
	n := strings.IndexByte(s, ':')
	if n < 0 {
		n = len(s)
	}
	labels := strings.Split(strings.TrimSuffix(s[:n], "."), ".")
	for i, l := range labels {
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' || i > 0 && i == len(labels)-1 && !isAlpha(l[0]) {
			return 0
		}
		for k := range len(l) {
			if !isAlphaNum(l[k]) && l[k] != '-' {
				return 0
			}
		}
	}
	return n
}

// unescapeURI resolves the escapes of a part of a URI, which are UTF-8.
func unescapeURI(dst []byte, s string) []byte {
	from := len(dst)
	broken := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHexDigit(s[i+1]) && isHexDigit(s[i+2]) {
			v, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			c = byte(v)
			i += 2
			broken = broken || c >= utf8.RuneSelf
		}
		dst = append(dst, c)
	}
	if broken && !utf8.Valid(dst[from:]) {
		fixed := []rune(string(dst[from:])) // every byte that is no UTF-8 becomes a replacement character
		dst = append(dst[:from], string(fixed)...)
	}
	return dst
}
