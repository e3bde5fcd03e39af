package types

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
)

// An address (inet, cidr) is kept as the bytes of PostgreSQL's binary form without flag and length: the family (2 IPv4,
// 3 IPv6), the bits of the mask, the address of 4 or 16 bytes. A macaddr is its 6 bytes.

// The families of AppendBinary's form.
const (
	inet4 = 2
	inet6 = 3
)

// Address is an inet or cidr taken apart.
type Address struct {
	Bits int    // of the network's mask
	Addr []byte // 4 or 16 bytes
}

// AddressOf reads a value of kind Inet or CIDR; Addr aliases it. What is no such value is 0.0.0.0/0.
func AddressOf(b []byte) Address {
	if !validInet(b) {
		return Address{Addr: make([]byte, 4)}
	}
	return Address{Bits: int(b[1]), Addr: b[2:]}
}

func validInet(b []byte) bool {
	return len(b) == 6 && b[0] == inet4 && b[1] <= 32 || len(b) == 18 && b[0] == inet6 && b[1] <= 128
}

// Append appends the value form of a.
func (a Address) Append(dst []byte) []byte {
	family := byte(inet4)
	if len(a.Addr) == 16 {
		family = inet6
	}
	return append(append(dst, family, byte(a.Bits)), a.Addr...)
}

// Max is the number of bits of the address.
func (a Address) Max() int { return len(a.Addr) * 8 }

// Network returns a new address with the bits behind the mask 0.
func (a Address) Network() Address {
	out := Address{Bits: a.Bits, Addr: bytes.Clone(a.Addr)}
	for i := range out.Addr {
		out.Addr[i] &= a.maskByte(i)
	}
	return out
}

// maskByte returns byte i of the mask.
func (a Address) maskByte(i int) byte {
	switch n := a.Bits - i*8; {
	case n >= 8:
		return 0xff
	case n <= 0:
		return 0
	default:
		return ^byte(0xff >> n)
	}
}

// Mask returns the netmask, or with host set its complement, as an address with all bits counting.
func (a Address) Mask(host bool) Address {
	out := Address{Bits: a.Max(), Addr: make([]byte, len(a.Addr))}
	for i := range out.Addr {
		if out.Addr[i] = a.maskByte(i); host {
			out.Addr[i] = ^out.Addr[i]
		}
	}
	return out
}

// Contains reports that the first Bits bits of both addresses are the same and their families too.
func (a Address) Contains(b Address) bool {
	return len(a.Addr) == len(b.Addr) && commonBits(a.Addr, b.Addr, a.Bits) == a.Bits
}

// CommonBits is the number of leading bits, no more than either mask has, that both addresses share.
func (a Address) CommonBits(b Address) int { return commonBits(a.Addr, b.Addr, min(a.Bits, b.Bits)) }

func commonBits(a, b []byte, limit int) int {
	for i := range limit {
		if (a[i/8]^b[i/8])>>(7-i%8)&1 != 0 {
			return i
		}
	}
	return limit
}

// compareInet is network_cmp: the family, the bits both masks cover, the mask, the whole address.
func compareInet(x, y []byte) int {
	a, b := AddressOf(x), AddressOf(y)
	if len(a.Addr) != len(b.Addr) {
		return cmpInt(int64(len(a.Addr)), int64(len(b.Addr)))
	}
	if n := min(a.Bits, b.Bits); commonBits(a.Addr, b.Addr, n) < n {
		return bytes.Compare(a.Addr, b.Addr)
	}
	if a.Bits != b.Bits {
		return cmpInt(int64(a.Bits), int64(b.Bits))
	}
	return bytes.Compare(a.Addr, b.Addr)
}

// appendInetKey writes the family, the network's bits each as 2 or 3 in two bits of a byte, four a byte from the top (0
// ends them, so a shorter network comes before those in it), then the address.
func appendInetKey(dst, b []byte) []byte {
	a := AddressOf(b)
	dst = append(dst, byte(len(a.Addr)))
	for i := 0; i <= a.Bits; i += 4 {
		c := byte(0)
		for k := i; k < min(i+4, a.Bits); k++ {
			c |= (2 | a.Addr[k/8]>>(7-k%8)&1) << (6 - 2*(k-i))
		}
		dst = append(dst, c)
	}
	return append(dst, a.Addr...)
}

func decodeInetKey(b []byte) (Value, []byte, error) {
	if len(b) == 0 || b[0] != 4 && b[0] != 16 {
		return Value{}, nil, errBadKey
	}
	n, size := 0, int(b[0])
	b = b[1:]
	for ended := false; !ended; b = b[1:] {
		if len(b) == 0 || n > size*8 {
			return Value{}, nil, errBadKey
		}
		for shift := 6; shift >= 0 && !ended; shift -= 2 {
			if b[0]>>shift&2 == 0 {
				ended = true
			} else {
				n++
			}
		}
	}
	if n > size*8 || len(b) < size {
		return Value{}, nil, errBadKey
	}
	return BytesValue(Address{Bits: n, Addr: b[:size]}.Append(nil)), b[size:], nil
}

// appendInet appends the output form: the mask only where it is not all of an inet.
func appendInet(dst []byte, k Kind, b []byte) []byte {
	a := AddressOf(b)
	dst = AppendHost(dst, a)
	if k == CIDR || a.Bits != a.Max() {
		dst = strconv.AppendInt(append(dst, '/'), int64(a.Bits), 10)
	}
	return dst
}

// AppendHost appends the address without its mask.
func AppendHost(dst []byte, a Address) []byte {
	if len(a.Addr) == 4 {
		return appendDotted(dst, a.Addr)
	}
	return appendInet6(dst, a.Addr)
}

func appendDotted(dst, octets []byte) []byte {
	for i, o := range octets {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = strconv.AppendUint(dst, uint64(o), 10)
	}
	return dst
}

// zeroRun finds the first longest run of zero words; length 0 when there is none of two.
func zeroRun(words []uint16) (at, length int) {
	for i := 0; i < len(words); i++ {
		n := 0
		for i+n < len(words) && words[i+n] == 0 {
			n++
		}
		if n >= 2 && n > length {
			at, length = i, n
		}
		i += n
	}
	return at, length
}

func inetWords(addr []byte) (words [8]uint16) {
	for i := range words {
		words[i] = binary.BigEndian.Uint16(addr[2*i:])
	}
	return words
}

func appendInet6(dst, addr []byte) []byte {
	words := inetWords(addr)
	at, n := zeroRun(words[:])
	for i := 0; i < len(words); i++ {
		if n > 0 && i == at {
			dst = append(dst, ':')
			if i += n - 1; i == 7 {
				dst = append(dst, ':')
			}
			continue
		}
		if i > 0 {
			dst = append(dst, ':')
		}
		if i == 6 && n > 0 && at == 0 && (n == 6 || n == 7 && words[7] != 1 || n == 5 && words[5] == 0xffff) {
			return appendDotted(dst, addr[12:])
		}
		dst = strconv.AppendUint(dst, uint64(words[i]), 16)
	}
	return dst
}

// AppendAbbrev appends abbrev(cidr): the network's bytes only.
func AppendAbbrev(dst []byte, a Address) []byte {
	if len(a.Addr) == 16 {
		dst = appendAbbrev6(dst, a)
	} else if a.Bits == 0 {
		dst = append(dst, '0')
	} else {
		dst = appendDotted(dst, a.Network().Addr[:(a.Bits+7)/8])
	}
	return strconv.AppendInt(append(dst, '/'), int64(a.Bits), 10)
}

// appendAbbrev6 is PostgreSQL's inet_cidr_ntop_ipv6.
func appendAbbrev6(dst []byte, a Address) []byte {
	if a.Bits == 0 {
		return append(dst, "::"...)
	}
	net := a.Network().Addr
	words := inetWords(net)
	n := max((a.Bits+15)/16, 2)
	at, run := longestZeros(words[:n])
	dotted := run != n && at == 0 && (run == 6 || run == 5 && words[5] == 0xffff || run == 7 && net[14] != 0 && net[15] != 1)
	start := len(dst)
	for p := 0; p < n; p++ {
		switch {
		case run != 0 && p >= at && p < at+run:
			if p == at {
				dst = append(dst, ':')
			}
			if p == n-1 {
				dst = append(dst, ':')
			}
		case dotted && p > 5:
			sep := byte('.')
			if p == 6 {
				sep = ':'
			}
			dst = strconv.AppendUint(append(dst, sep), uint64(net[2*p]), 10)
			if p != 7 || a.Bits > 120 {
				dst = strconv.AppendUint(append(dst, '.'), uint64(net[2*p+1]), 10)
			}
		default:
			if len(dst) > start {
				dst = append(dst, ':')
			}
			dst = strconv.AppendUint(dst, uint64(words[p]), 16)
		}
	}
	return dst
}

// longestZeros is zeroRun for runs of one, too, with the quirk of PostgreSQL's loop: a run that is not the longest is not
// forgotten and goes on behind the words that ended it.
func longestZeros(words []uint16) (at, length int) {
	from, n := 0, 0
	for i, w := range words {
		if w == 0 {
			if n == 0 {
				from = i
			}
			n++
		} else if n > 0 && length < n {
			at, length, n = from, n, 0
		}
	}
	if n > 0 && length < n {
		at, length = from, n
	}
	return at, length
}

// parseInet reads an address: IPv6 where there is a colon.
func parseInet(k Kind, s string) (Value, error) {
	var a Address
	var ok bool
	switch {
	case strings.IndexByte(s, 0) >= 0:
	case strings.Contains(s, ":"):
		a, ok = parseInet6(s)
	case k == CIDR:
		a, ok = parseCIDR4(s)
	default:
		a, ok = parseInet4(s)
	}
	if !ok {
		return Value{}, badInput(kindNames[k], s)
	}
	if k == CIDR && !bytes.Equal(a.Addr, a.Network().Addr) {
		return Value{}, pgerr.New(pgerr.InvalidTextRepresentation, "invalid cidr value: \"%s\"", s).
			WithDetail("Value has bits set to right of mask.")
	}
	return BytesValue(a.Append(nil)), nil
}

// dottedOctets reads up to four decimal octets; rest is what stands behind them. trailing allows a point at the end.
func dottedOctets(s string, trailing bool) (octets []byte, rest string, ok bool) {
	for s != "" && isDigit(s[0]) {
		n := skip(s, 0, isDigit)
		v := 0
		for _, c := range []byte(s[:n]) {
			if v = v*10 + int(c-'0'); v > 255 {
				return nil, "", false
			}
		}
		if len(octets) == 4 {
			return nil, "", false
		}
		octets, s = append(octets, byte(v)), s[n:]
		if s == "" || s[0] == '/' {
			break
		}
		if s[0] != '.' {
			return nil, "", false
		}
		if s = s[1:]; !trailing && (s == "" || !isDigit(s[0])) {
			return nil, "", false
		}
	}
	return octets, s, len(octets) > 0
}

// maskBits reads "/n" that ends the text, or nothing (-1).
func maskBits(s string, most int) (int, bool) {
	if s == "" {
		return -1, true
	}
	if s[0] != '/' || len(s) < 2 || skip(s, 1, isDigit) != len(s) {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[1:]) {
		if n = n*10 + int(c-'0'); n > most {
			return 0, false
		}
	}
	return n, true
}

// parseInet4 wants all octets, or as many as the mask covers.
func parseInet4(s string) (Address, bool) {
	octets, rest, ok := dottedOctets(s, true)
	if !ok {
		return Address{}, false
	}
	n, ok := maskBits(rest, 32)
	if n < 0 {
		n, ok = 32, len(octets) == 4
	}
	if !ok || n/8 > len(octets) {
		return Address{}, false
	}
	return Address{Bits: n, Addr: fourBytes(octets)}, true
}

func fourBytes(octets []byte) []byte {
	addr := make([]byte, 4)
	copy(addr, octets)
	return addr
}

// parseCIDR4 takes the mask from the class of the network where none is given; the bytes may be hexadecimal.
func parseCIDR4(s string) (Address, bool) {
	var octets []byte
	rest, ok := "", false
	if len(s) > 2 && s[0] == '0' && s[1]|32 == 'x' {
		octets, rest, ok = hexOctets(s[2:])
	} else {
		octets, rest, ok = dottedOctets(s, false)
	}
	if !ok {
		return Address{}, false
	}
	n, ok := maskBits(rest, 32)
	if n < 0 {
		n = classBits(octets)
	}
	return Address{Bits: n, Addr: fourBytes(octets)}, ok
}

func hexOctets(s string) (octets []byte, rest string, ok bool) {
	i, half := 0, false
	for ; i < len(s); i++ {
		d, isHex := hexDigit(s[i])
		if !isHex {
			break
		}
		if half {
			octets[len(octets)-1] |= d
		} else if octets = append(octets, d<<4); len(octets) > 4 {
			return nil, "", false
		}
		half = !half
	}
	return octets, s[i:], i > 0
}

func classBits(octets []byte) int {
	n, first := 8, octets[0]
	switch {
	case first >= 240:
		n = 32
	case first >= 224:
		n = 8
	case first >= 192:
		n = 24
	case first >= 128:
		n = 16
	}
	n = max(n, len(octets)*8)
	if n == 8 && first == 224 {
		n = 4
	}
	return n
}

// strictBits reads the digits of a mask without leading zeros.
func strictBits(s string) (int, bool) {
	if len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	return maskBits("/"+s, 128)
}

// parseInet6 reads words, "::" for a run of zeros, and an IPv4 address for the last two.
func parseInet6(s string) (Address, bool) {
	text, mask, masked := strings.Cut(s, "/")
	n := 128
	if masked {
		var ok bool
		if n, ok = strictBits(mask); !ok {
			return Address{}, false
		}
	}
	head, tail, gap := strings.Cut(text, "::")
	a, ok := inet6Words(head, !gap, masked)
	if !ok {
		return Address{}, false
	}
	if gap {
		b, ok := inet6Words(tail, true, masked)
		if !ok || len(a)+len(b) > 14 {
			return Address{}, false
		}
		a = append(append(a, make([]byte, 16-len(a)-len(b))...), b...)
	}
	return Address{Bits: n, Addr: a}, len(a) == 16
}

// inet6Words reads words between colons, the last perhaps dotted; masked: a mask stands behind it.
func inet6Words(s string, last, masked bool) ([]byte, bool) {
	var out []byte
	if s == "" {
		return out, true
	}
	for s != "" {
		word, rest, more := strings.Cut(s, ":")
		if more && rest == "" && !(last && masked) { // PostgreSQL takes a colon before the mask
			return nil, false
		}
		s = rest
		if !more && last && strings.Contains(word, ".") {
			octets, ok := looseOctets(word, masked)
			return append(out, octets...), ok && len(out) <= 12
		}
		v, err := strconv.ParseUint(word, 16, 16)
		if err != nil || len(word) > 4 {
			return nil, false
		}
		out = append(out, byte(v>>8), byte(v))
	}
	return out, len(out) <= 16
}

// looseOctets reads the dotted end of an IPv6 address as PostgreSQL's getv4 does: octets may be missing at the end or be
// empty between points, but the last one only before a mask.
func looseOctets(s string, masked bool) ([]byte, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 || parts[len(parts)-1] == "" && !masked {
		return nil, false
	}
	out := make([]byte, 4)
	for i, p := range parts {
		n, err := strconv.ParseUint("0"+p, 10, 8)
		if err != nil || len(p) > 1 && p[0] == '0' {
			return nil, false
		}
		out[i] = byte(n)
	}
	return out, true
}

func appendInetBinary(dst []byte, k Kind, b []byte) []byte {
	a := AddressOf(b)
	v := a.Append(nil)
	return append(append(dst, v[0], v[1], byte(boolInt(k == CIDR)), byte(len(a.Addr))), a.Addr...)
}

func parseInetBinary(k Kind, b []byte) (Value, error) {
	name := kindNames[k]
	bad := func(what string) (Value, error) {
		return Value{}, pgerr.New(pgerr.InvalidBinaryRepresentation, what, name)
	}
	switch {
	case len(b) < 4:
		return Value{}, errBinary
	case b[0] != inet4 && b[0] != inet6:
		return bad("invalid address family in external \"%s\" value")
	case b[0] == inet4 && b[1] > 32 || b[1] > 128:
		return bad("invalid bits in external \"%s\" value")
	case int(b[3]) != map[byte]int{inet4: 4, inet6: 16}[b[0]]:
		return bad("invalid length in external \"%s\" value")
	case len(b) != 4+int(b[3]):
		return Value{}, errBinary
	}
	a := Address{Bits: int(b[1]), Addr: b[4:]}
	if k == CIDR && !bytes.Equal(a.Addr, a.Network().Addr) {
		return Value{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid external \"cidr\" value").
			WithDetail("Value has bits set to right of mask.")
	}
	return BytesValue(a.Append(nil)), nil
}

// castInet casts from inet and cidr; text has the mask always.
func castInet(from, to Type, b []byte) (Value, error) {
	switch to.Kind {
	case Inet:
		return BytesValue(b), nil
	case CIDR:
		return BytesValue(AddressOf(b).Network().Append(nil)), nil
	}
	return Value{}, cannotCast(from, to)
}

// macLen is the number of bytes of a macaddr.
const macLen = 6

func appendMac(dst, b []byte) []byte {
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = hex.AppendEncode(dst, []byte{c})
	}
	return dst
}

// macForms are macaddr's spellings as PostgreSQL gives them to sscanf: the width of the numbers (0: any), and what stands
// between them ('_': nothing).
var macForms = []struct {
	width int
	seps  string
}{{0, ":::::"}, {0, "-----"}, {2, "__:__"}, {2, "__-__"}, {2, "_._._"}, {2, "_-_-_"}, {2, "_____"}}

// parseMac reads six bytes in one of macForms.
func parseMac(s string) (Value, error) {
	for _, f := range macForms {
		b, ok := macOf(s, f.width, f.seps)
		if !ok {
			continue
		}
		out := make([]byte, macLen)
		for i, n := range b {
			if n > 255 {
				return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "invalid octet value in \"macaddr\" value: \"%s\"", s)
			}
			out[i] = byte(n)
		}
		return BytesValue(out), nil
	}
	return Value{}, badInput("macaddr", s)
}

func macOf(s string, width int, seps string) (b [macLen]uint32, ok bool) {
	for i := range b {
		if i > 0 && seps[i-1] != '_' {
			if s == "" || s[0] != seps[i-1] {
				return b, false
			}
			s = s[1:]
		}
		if b[i], s, ok = scanHex(s, width); !ok {
			return b, false
		}
	}
	return b, trimSpace(s) == ""
}

// scanHex reads a number as glibc's sscanf does for %x, at most width characters: blanks, a sign, 0x, digits; 0x alone is 0.
func scanHex(s string, width int) (n uint32, rest string, ok bool) {
	s = s[skip(s, 0, isSpace):]
	if width == 0 {
		width = len(s)
	}
	i, end, neg := 0, min(width, len(s)), false
	if i < end && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	if i+1 < end && s[i] == '0' && s[i+1]|32 == 'x' {
		i, ok = i+2, true
	}
	for ; i < end; i++ {
		d, isHex := hexDigit(s[i])
		if !isHex {
			break
		}
		n, ok = n<<4|uint32(d), true
	}
	if neg {
		n = -n
	}
	return n, s[i:], ok
}
