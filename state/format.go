package state

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The layout of keys and values in Badger; FORMAT.md says it byte by byte. A change here changes formatVersion.
const (
	formatVersion = 1
	formatMagic   = "streamsql state"

	keyFormat   = "f" // magic, version
	keyMarker   = "m" // the last complete checkpoint
	keyPrepared = "p" // the last prepared one
	kindData    = 'd' // + space, table, body: a table's entries
	kindSpace   = 's' // + space: its tables
	kindDropped = 'x' // + space: its data is still being deleted

	// The first byte of a data value.
	valueWhole  = 0
	valuePieces = 1 // the number of pieces (4 bytes), then the first; the others have keys of their own

	// pieceTable is set in the table number of the keys of further pieces.
	pieceTable = 1 << 15
	tablesMax  = 1 << 15
	// pieceBytes bounds a Badger value: two of them must fit in a transaction of the smallest memtable (1.2 MB).
	pieceBytes = 256 << 10
	// payloadMax bounds the marker's payload, so that the marker's transaction is never too big.
	payloadMax = 512 << 10

	formatEpoch = 1 // the version at which keyFormat is written; checkpoints come after
)

var errDamaged = errors.New("damaged state")

// spaceKey returns the key of a space's record of a kind.
func spaceKey(kind byte, space uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kind}, space)
}

// tablePrefix returns the beginning of the keys of a table.
func tablePrefix(space uint64, table uint16) []byte {
	return binary.BigEndian.AppendUint16(spaceKey(kindData, space), table)
}

// tablePrefixLen is the length of tablePrefix.
const tablePrefixLen = 1 + 8 + 2

// pieceKey returns the key of a further piece of the value at key.
func pieceKey(key []byte, piece uint32) []byte {
	k := append([]byte(nil), key...)
	k[tablePrefixLen-2] |= pieceTable >> 8
	return binary.BigEndian.AppendUint32(k, piece)
}

// encodeMarker and decodeMarker: epoch, payload.
func encodeMarker(m Marker) []byte {
	return append(binary.BigEndian.AppendUint64(nil, m.Epoch), m.Payload...)
}

func decodeMarker(b []byte) (Marker, error) {
	if len(b) < 8 {
		return Marker{}, fmt.Errorf("marker of %d bytes: %w", len(b), errDamaged)
	}
	return Marker{Epoch: binary.BigEndian.Uint64(b), Payload: append([]byte(nil), b[8:]...)}, nil
}

// encodeFormat and checkFormat: magic, version.
func encodeFormat() []byte { return binary.BigEndian.AppendUint32([]byte(formatMagic), formatVersion) }

func checkFormat(b []byte) error {
	n := len(formatMagic)
	if len(b) < n+4 || string(b[:n]) != formatMagic {
		return fmt.Errorf("not a state directory: %w", errDamaged)
	}
	if v := binary.BigEndian.Uint32(b[n:]); v != formatVersion {
		return fmt.Errorf("%w: it has version %d, this program knows version %d", ErrFormat, v, formatVersion)
	}
	return nil
}

// Kinds of tables.
const (
	kindTable = 't'
	kindSlots = 'g'
)

// tableMeta says what a table is.
type tableMeta struct {
	id       uint16
	kind     byte
	keyWords uint16
	valWords uint16
	name     string
}

// encodeSpace and decodeSpace: for each table id, kind, key words, value words, length of the name, name.
func encodeSpace(metas []tableMeta) []byte {
	var b []byte
	for _, m := range metas {
		b = binary.BigEndian.AppendUint16(b, m.id)
		b = append(b, m.kind)
		b = binary.BigEndian.AppendUint16(b, m.keyWords)
		b = binary.BigEndian.AppendUint16(b, m.valWords)
		b = binary.BigEndian.AppendUint16(b, uint16(len(m.name)))
		b = append(b, m.name...)
	}
	return b
}

func decodeSpace(b []byte) ([]tableMeta, error) {
	var metas []tableMeta
	for len(b) > 0 {
		if len(b) < 9 || len(b) < 9+int(binary.BigEndian.Uint16(b[7:])) {
			return nil, fmt.Errorf("list of tables: %w", errDamaged)
		}
		n := 9 + int(binary.BigEndian.Uint16(b[7:]))
		metas = append(metas, tableMeta{
			id: binary.BigEndian.Uint16(b), kind: b[2],
			keyWords: binary.BigEndian.Uint16(b[3:]), valWords: binary.BigEndian.Uint16(b[5:]),
			name: string(b[9:n]),
		})
		b = b[n:]
	}
	return metas, nil
}

// splitPieces reads the value of the first of several pieces: how many more there are, and the first.
func splitPieces(val []byte) (more uint32, first []byte, ok bool) {
	if len(val) < 5 || val[0] != valuePieces {
		return 0, nil, false
	}
	n := binary.BigEndian.Uint32(val[1:])
	return n - 1, val[5:], n > 0
}
