package expr

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// javaURI is a URI taken apart as java.net.URI does.
type javaURI struct {
	parts [uriParts][]byte
	has   [uriParts]bool
	port  int // -1: none
}

// uriPart is a part of a URI that is a text.
type uriPart uint8

const (
	uriScheme uriPart = iota
	uriHost
	uriPath
	uriQuery
	uriFragment
	uriParts
)

func (u *javaURI) set(p uriPart, s []byte) { u.parts[p], u.has[p] = s, true }

// Characters that may stand in the parts of a URI, besides letters and digits, escapes and characters beyond ASCII.
const (
	uriMark      = "-_.!~*'()"
	uriAny       = uriMark + ";/?:@&=+$,[]"
	uriPathChars = uriMark + ":@&=+$,;/"
	uriUser      = uriMark + ";:&=+$,"
	uriRegistry  = uriMark + "$,;:@&=+"
	uriServer    = uriUser + "-.:@[]"
)

func isAlpha(c byte) bool    { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isAlphaNum(c byte) bool { return isAlpha(c) || isDigit(c) }

func isHexDigit(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// uriOf reads a URI. It does not keep s. Error: 22023.
func uriOf(s []byte) (u javaURI, err error) {
	u.port = -1
	if !u.read(s) {
		return u, pgerr.New(pgerr.InvalidParameterValue, "not a valid URL: %q", s)
	}
	return u, nil
}

func (u *javaURI) read(rest []byte) bool {
	if i := bytes.IndexAny(rest, ":/?#"); i >= 0 && rest[i] == ':' {
		if !isScheme(rest[:i]) {
			return false
		}
		u.set(uriScheme, rest[:i])
		rest = rest[i+1:]
	}
	rest, fragment, ok := bytes.Cut(rest, []byte("#"))
	if !legal(fragment, uriAny) {
		return false
	}
	if ok {
		u.set(uriFragment, fragment)
	}
	if u.has[uriScheme] && !bytes.HasPrefix(rest, []byte("/")) {
		return len(rest) > 0 && legal(rest, uriAny) // it is opaque: there is no path
	}
	if after, ok := bytes.CutPrefix(rest, []byte("//")); ok {
		end := bytes.IndexAny(after, "/?")
		if end < 0 {
			end = len(after)
		}
		if end == 0 && len(after) == 0 && !u.has[uriFragment] || end > 0 && !u.authority(after[:end]) {
			return false
		}
		rest = after[end:]
	}
	path, query, ok := bytes.Cut(rest, []byte("?"))
	u.set(uriPath, path)
	if ok {
		u.set(uriQuery, query)
	}
	return legal(path, uriPathChars) && legal(query, uriAny)
}

func isScheme(s []byte) bool {
	if len(s) == 0 || !isAlpha(s[0]) {
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
func legal(s []byte, set string) bool {
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
			r, n := utf8.DecodeRune(s[i:])
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
func (u *javaURI) authority(s []byte) bool {
	isName := legal(s, uriRegistry)
	if legal(s, uriServer) && (bytes.IndexByte(s, '%') < 0 || bytes.IndexByte(s, '@') >= 0) || bytes.IndexByte(s, ']') >= 0 {
		if u.server(s) {
			return true
		}
	}
	u.has[uriHost], u.port = false, -1
	return isName
}

func (u *javaURI) server(s []byte) bool {
	if user, host, ok := bytes.Cut(s, []byte("@")); ok {
		if !legal(user, uriUser) {
			return false
		}
		s = host
	}
	n := 0
	if bytes.HasPrefix(s, []byte("[")) {
		if n = bytes.IndexByte(s, ']') + 1; n <= 1 || !isIPv6(s[1:n-1]) {
			return false
		}
	} else if n = ipv4Length(s); n == 0 {
		if n = hostLength(s); n == 0 {
			return false
		}
	}
	u.set(uriHost, s[:n])
	if s = s[n:]; len(s) == 0 {
		return true
	}
	digits, ok := bytes.CutPrefix(s, []byte(":"))
	if !ok || len(bytes.Trim(digits, "0123456789")) > 0 {
		return false
	}
	if len(digits) > 0 {
		port, err := strconv.ParseInt(string(digits), 10, 32)
		if err != nil {
			return false
		}
		u.port = int(port)
	}
	return true
}

// isIPv6 reports an address of version 6, perhaps with a scope behind a percent sign.
func isIPv6(s []byte) bool {
	s, scope, ok := bytes.Cut(s, []byte("%"))
	if ok && len(scope) == 0 {
		return false
	}
	if bytes.Count(s, []byte("::")) > 1 || bytes.Contains(s, []byte(":::")) {
		return false
	}
	groups := 0
	for i, g := range bytes.Split(s, []byte(":")) {
		switch {
		case len(g) == 0:
			if i > 0 && !bytes.Contains(s, []byte("::")) {
				return false
			}
		case bytes.Contains(g, []byte(".")):
			if !bytes.HasSuffix(s, g) || ipv4Length(g) != len(g) {
				return false
			}
			groups += 2
		case len(g) > 4 || len(bytes.Trim(g, "0123456789abcdefABCDEF")) > 0:
			return false
		default:
			groups++
		}
	}
	if bytes.HasPrefix(s, []byte(":")) && !bytes.HasPrefix(s, []byte("::")) || bytes.HasSuffix(s, []byte(":")) && !bytes.HasSuffix(s, []byte("::")) {
		return false
	}
	return groups == 8 || groups < 8 && bytes.Contains(s, []byte("::"))
}

// ipv4Length returns the length of the address of version 4 that s begins with, up to a colon or its end, or 0.
func ipv4Length(s []byte) int {
	n := bytes.IndexByte(s, ':')
	if n < 0 {
		n = len(s)
	}
	parts := bytes.Split(s[:n], []byte("."))
	if len(parts) != 4 {
		return 0
	}
	for _, p := range parts {
		if v, err := strconv.ParseUint(string(p), 10, 32); err != nil || v > 255 {
			return 0
		}
	}
	return n
}

// hostLength returns the length of the host name that s begins with, up to a colon or its end, or 0: labels of letters,
// digits and inner dashes, the last of several not beginning with a digit.
func hostLength(s []byte) int {
	n := bytes.IndexByte(s, ':')
	if n < 0 {
		n = len(s)
	}
	labels := bytes.Split(bytes.TrimSuffix(s[:n], []byte(".")), []byte("."))
	for i, l := range labels {
		if len(l) == 0 || l[0] == '-' || l[len(l)-1] == '-' || i > 0 && i == len(labels)-1 && !isAlpha(l[0]) {
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
func unescapeURI(dst, s []byte) []byte {
	from := len(dst)
	broken := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHexDigit(s[i+1]) && isHexDigit(s[i+2]) {
			v, _ := strconv.ParseUint(string(s[i+1:i+3]), 16, 8)
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
