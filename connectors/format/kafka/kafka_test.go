package kafka

import (
	"encoding/hex"
	"testing"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// TestForms decodes what Kafka's serializers write (bytes from their documentation) and writes it again.
func TestForms(t *testing.T) {
	for _, c := range []struct {
		kind      types.Kind
		hex, want string
	}{
		{types.Int2, "fffe", "-2"},
		{types.Int4, "80000000", "-2147483648"},
		{types.Int8, "00000000000000ff", "255"},
		{types.Float4, "3fc00000", "1.5"},
		{types.Float8, "c004000000000000", "-2.5"},
		{types.Bool, "01", "t"},
		{types.Bool, "00", "f"},
		{types.Text, "c3a9", "é"},
		{types.Text, "", ""},
		{types.Bytea, "00ff", `\x00ff`},
		{types.UUID, hex.EncodeToString([]byte("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
	} {
		ty := types.T(c.kind)
		target := format.Target{Name: "k", Type: ty}
		d, err := NewDecoder(target)
		if err != nil {
			t.Fatal(err)
		}
		in, _ := hex.DecodeString(c.hex)
		r := format.NewRows([]format.Column{{Name: "k", Type: ty, Needed: true}})
		r.Begin()
		if err := d.Decode(in, r); err != nil {
			t.Fatalf("%s %s: %v", ty, c.hex, err)
		}
		_ = r.End(1, true)
		b := r.Seal()
		if got := string(types.AppendText(nil, ty, batch.ValueAt(b.Cols[0], 0), nil)); got != c.want {
			t.Errorf("%s %s: %s, want %s", ty, c.hex, got, c.want)
		}
		e, err := NewEncoder(target)
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Append(nil, b, 0)
		if err != nil || hex.EncodeToString(out) != c.hex {
			t.Errorf("%s %s written as %x, %v", ty, c.hex, out, err)
		}
	}
}

func TestRefused(t *testing.T) {
	if _, err := NewDecoder(format.Target{Name: "k", Type: types.T(types.Timestamp)}); pgerr.Code(err) != pgerr.FeatureNotSupported {
		t.Errorf("timestamp: %v", err)
	}
	d, _ := NewDecoder(format.Target{Name: "k", Type: types.T(types.Int8)})
	if err := d.Decode([]byte("7"), nil); pgerr.Code(err) != pgerr.InvalidBinaryRepresentation {
		t.Errorf("short: %v", err)
	}
	d, _ = NewDecoder(format.Target{Name: "k", Type: types.T(types.Text)})
	if err := d.Decode([]byte{0xff}, nil); pgerr.Code(err) != pgerr.CharacterNotInRepertoire {
		t.Errorf("bytes: %v", err)
	}
}
