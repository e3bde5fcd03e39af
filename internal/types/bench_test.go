package types

import "testing"

func BenchmarkDecAdd(b *testing.B) {
	x, y := DecFromScaled(12345, 2), DecFromScaled(678, 3)
	b.ReportAllocs()
	for b.Loop() {
		x = x.Add(y)
	}
}

func BenchmarkDecAddSameScale(b *testing.B) {
	x, y := DecFromScaled(12345, 2), DecFromScaled(678, 2)
	b.ReportAllocs()
	for b.Loop() {
		x = x.Add(y)
	}
}

func BenchmarkAppendKeyText(b *testing.B) {
	t, v := T(Text), TextValue("account-0012345")
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendKey(dst[:0], t, v)
	}
}

func BenchmarkAppendTextInt(b *testing.B) {
	t, v := T(Int8), IntValue(1234567890)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendText(dst[:0], t, v, nil)
	}
}

func BenchmarkAppendTextTimestamp(b *testing.B) {
	t, v := T(TimestampTZ), IntValue(700000000123456)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendText(dst[:0], t, v, nil)
	}
}

func BenchmarkParseISOTimestamp(b *testing.B) {
	s := []byte("2024-05-06 07:08:09.123456+00")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := ParseISOTimestamp(s, nil, true); !ok {
			b.Fatal("not read")
		}
	}
}

func BenchmarkHashBytes(b *testing.B) {
	s := []byte("account-0012345")
	for b.Loop() {
		HashBytes(s)
	}
}
