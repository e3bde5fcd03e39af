package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Operators and functions of network addresses.

func init() {
	inetTests()
	inetArithmetic()
	inetParts()
	macs()
}

// address makes a row function of one that takes and gives an address.
func address(fn func(a types.Address) types.Address) func(*Call) (kernel, error) {
	return rows(func(r *row, a []types.Value) (types.Value, error) {
		r.buf = fn(types.AddressOf(a[0].Bytes)).Append(r.buf[:0])
		return types.Value{Bytes: r.buf}, nil
	})
}

func inetTests() {
	test := func(sig, doc, example string, fn func(a, b types.Address) bool) {
		def(sig, doc, example, rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.BoolValue(fn(types.AddressOf(a[0].Bytes), types.AddressOf(a[1].Bytes))), nil
		})).total = true
	}
	test("<<(inet, inet) bool", "is strictly within the network", "'192.168.1.5'::inet << '192.168.1/24'::inet => t", func(a, b types.Address) bool { return a.Bits > b.Bits && b.Contains(a) })
	test("<<=(inet, inet) bool", "is within the network or is it", "'192.168.1/24'::inet <<= '192.168.1/24'::inet => t", func(a, b types.Address) bool { return a.Bits >= b.Bits && b.Contains(a) })
	test(">>(inet, inet) bool", "strictly contains", "'192.168.1/24'::inet >> '192.168.1.5'::inet => t", func(a, b types.Address) bool { return a.Bits < b.Bits && a.Contains(b) })
	test(">>=(inet, inet) bool", "contains or is", "'192.168.1/24'::inet >>= '192.168.1/24'::inet => t", func(a, b types.Address) bool { return a.Bits <= b.Bits && a.Contains(b) })
	test("&&(inet, inet) bool", "one contains the other", "'192.168.1/24'::inet && '192.168.1.80/28'::inet => t", func(a, b types.Address) bool { return a.Contains(b) || b.Contains(a) })
	test("inet_same_family(inet, inet) bool", "both IPv4 or both IPv6", "inet_same_family('192.168.1.5/24'::inet, '::1'::inet) => f", func(a, b types.Address) bool { return len(a.Addr) == len(b.Addr) })
}

var errInetRange = pgerr.New(pgerr.NumericValueOutOfRange, "result is out of range")

func inetArithmetic() {
	for _, p := range []struct {
		op, verb, doc, example string
		fn                     func(x, y byte) byte
	}{{"&", "AND", "bitwise and", "'192.168.1.6'::inet & '0.0.0.255'::inet => 0.0.0.6", func(x, y byte) byte { return x & y }},
		{"|", "OR", "bitwise or", "'192.168.1.6'::inet | '0.0.0.255'::inet => 192.168.1.255", func(x, y byte) byte { return x | y }}} {
		def(p.op+"(inet, inet) inet", p.doc, p.example, rows(func(_ *row, a []types.Value) (types.Value, error) {
			x, y := types.AddressOf(a[0].Bytes), types.AddressOf(a[1].Bytes)
			if len(x.Addr) != len(y.Addr) {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot %s inet values of different sizes", p.verb)
			}
			out := types.Address{Bits: max(x.Bits, y.Bits), Addr: make([]byte, len(x.Addr))}
			for i := range out.Addr {
				out.Addr[i] = p.fn(x.Addr[i], y.Addr[i])
			}
			return types.BytesValue(out.Append(nil)), nil
		}))
	}
	def("~(inet) inet", "bitwise not", "~ '192.168.1.6'::inet => 63.87.254.249", address(func(a types.Address) types.Address {
		out := types.Address{Bits: a.Bits, Addr: make([]byte, len(a.Addr))}
		for i := range out.Addr {
			out.Addr[i] = ^a.Addr[i]
		}
		return out
	}))
	both("+", "inet", "int8", "inet", "the address that many further", "'192.168.1.6'::inet + 25 => 192.168.1.31", func(_ *row, a, b types.Value) (types.Value, error) {
		return moveInet(a.Bytes, b.I)
	})
	def("-(inet, int8) inet", "the address that many before", "'192.168.1.43'::inet - 36 => 192.168.1.7", two(func(_ *row, a, b types.Value) (types.Value, error) {
		return moveInet(a.Bytes, -b.I) // the least bigint stays negative, as in PostgreSQL
	}))
	def("-(inet, inet) int8", "how far apart", "'192.168.1.43'::inet - '192.168.1.19'::inet => 24", two(func(_ *row, a, b types.Value) (types.Value, error) {
		return inetDistance(types.AddressOf(a.Bytes), types.AddressOf(b.Bytes))
	}))
}

// moveInet adds n to the address. Error: 22003 when it leaves the family's addresses.
func moveInet(b []byte, n int64) (types.Value, error) {
	a := types.AddressOf(b)
	out := types.Address{Bits: a.Bits, Addr: make([]byte, len(a.Addr))}
	for i := len(a.Addr) - 1; i >= 0; i-- {
		sum := int64(a.Addr[i]) + n&0xff
		out.Addr[i] = byte(sum)
		n = n>>8 + sum>>8
	}
	if n != 0 {
		return types.Null, errInetRange
	}
	return types.BytesValue(out.Append(nil)), nil
}

func inetDistance(a, b types.Address) (types.Value, error) {
	if len(a.Addr) != len(b.Addr) {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot subtract inet values of different sizes")
	}
	borrow, low := int64(0), uint64(0)
	n := len(a.Addr)
	for i := range n {
		d := int64(a.Addr[n-1-i]) - int64(b.Addr[n-1-i]) + borrow
		borrow = d >> 8
		if i < 8 {
			low |= uint64(byte(d)) << (8 * i)
		} else if byte(d) != byte(int64(low)>>63) {
			return types.Null, errInetRange
		}
	}
	if n < 8 {
		low |= uint64(borrow) << (8 * n)
	} // else the last borrow is lost: the difference is modulo 2^128, as in PostgreSQL
	return types.IntValue(int64(low)), nil
}

func inetParts() {
	text := func(sig, doc, example string, fn func(dst []byte, v []byte) []byte) {
		def(sig, doc, example, rows(func(r *row, a []types.Value) (types.Value, error) {
			r.buf = fn(r.buf[:0], a[0].Bytes)
			return types.Value{Bytes: r.buf}, nil
		}))
	}
	text("host(inet) text", "the address without its mask", "host('192.168.1.0/24'::inet) => 192.168.1.0", func(dst, v []byte) []byte { return types.AppendHost(dst, types.AddressOf(v)) })
	text("text(inet) text", "the address with its mask", "text('192.168.1.5'::inet) => 192.168.1.5/32", func(dst, v []byte) []byte {
		return types.AppendText(dst, types.T(types.CIDR), types.Value{Bytes: v}, nil)
	})
	text("abbrev(inet) text", "as text, shortened", "abbrev('10.1.0.0/32'::inet) => 10.1.0.0", func(dst, v []byte) []byte {
		return types.AppendText(dst, types.T(types.Inet), types.Value{Bytes: v}, nil)
	})
	text("abbrev(cidr) text", "as text, shortened", "abbrev('10.1.0.0/16'::cidr) => 10.1/16", func(dst, v []byte) []byte { return types.AppendAbbrev(dst, types.AddressOf(v)) })
	def("network(inet) cidr", "the network, what is behind the mask 0", "network('192.168.1.5/24'::inet) => 192.168.1.0/24", address(types.Address.Network))
	def("netmask(inet) inet", "the mask", "netmask('192.168.1.5/24'::inet) => 255.255.255.0", address(func(a types.Address) types.Address { return a.Mask(false) }))
	def("hostmask(inet) inet", "the mask's complement", "hostmask('192.168.23.20/30'::inet) => 0.0.0.3", address(func(a types.Address) types.Address { return a.Mask(true) }))
	def("broadcast(inet) inet", "the network's broadcast address", "broadcast('192.168.1.5/24'::inet) => 192.168.1.255/24", address(func(a types.Address) types.Address {
		out := a.Mask(true)
		for i := range out.Addr {
			out.Addr[i] |= a.Addr[i]
		}
		out.Bits = a.Bits
		return out
	}))
	def("masklen(inet) int4", "bits of the mask", "masklen('192.168.1.5/24'::inet) => 24", bytesToInt(func(b []byte) int64 { return int64(types.AddressOf(b).Bits) }))
	def("family(inet) int4", "4 or 6", "family('::1'::inet) => 6", bytesToInt(func(b []byte) int64 {
		if types.AddressOf(b).Max() == 32 {
			return 4
		}
		return 6
	}))
	def("set_masklen(inet, int4) inet", "with another mask", "set_masklen('192.168.1.5/24'::inet, 16) => 192.168.1.5/16", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return setMask(types.AddressOf(a[0].Bytes), a[1].I, false)
	}))
	def("set_masklen(cidr, int4) cidr", "with another mask", "set_masklen('192.168.1.0/24'::cidr, 16) => 192.168.0.0/16", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return setMask(types.AddressOf(a[0].Bytes), a[1].I, true)
	}))
	def("inet_merge(inet, inet) cidr", "the smallest network with both", "inet_merge('192.168.1.5/24'::inet, '192.168.2.5/24'::inet) => 192.168.0.0/22", rows(func(_ *row, a []types.Value) (types.Value, error) {
		x, y := types.AddressOf(a[0].Bytes), types.AddressOf(a[1].Bytes)
		if len(x.Addr) != len(y.Addr) {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot merge addresses from different families")
		}
		x.Bits = x.CommonBits(y)
		return types.BytesValue(x.Network().Append(nil)), nil
	}))
}

func setMask(a types.Address, n int64, network bool) (types.Value, error) {
	if n == -1 {
		n = int64(a.Max())
	}
	if n < 0 || n > int64(a.Max()) {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid mask length: %d", n)
	}
	a.Bits = int(n)
	if network {
		a = a.Network()
	}
	return types.BytesValue(a.Append(nil)), nil
}

// macs registers the operators of macaddr.
func macs() {
	bitwise := func(sig, doc string, fn func(x, y byte) byte) {
		def(sig, doc, "", rows(func(r *row, a []types.Value) (types.Value, error) {
			r.buf = append(r.buf[:0], a[0].Bytes...)
			for i := range r.buf {
				r.buf[i] = fn(r.buf[i], a[len(a)-1].Bytes[i])
			}
			return types.Value{Bytes: r.buf}, nil
		}))
	}
	bitwise("&(macaddr, macaddr) macaddr", "bitwise and", func(x, y byte) byte { return x & y })
	bitwise("|(macaddr, macaddr) macaddr", "bitwise or", func(x, y byte) byte { return x | y })
	bitwise("~(macaddr) macaddr", "bitwise not", func(x, _ byte) byte { return ^x })
	def("trunc(macaddr) macaddr", "the last three bytes 0: the maker", "trunc('12:34:56:78:90:ab'::macaddr) => 12:34:56:00:00:00", rows(func(r *row, a []types.Value) (types.Value, error) {
		r.buf = append(r.buf[:0], a[0].Bytes...)
		clear(r.buf[len(r.buf)/2:])
		return types.Value{Bytes: r.buf}, nil
	}))
}
