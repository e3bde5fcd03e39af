package wire

import (
	"encoding/binary"
	"strconv"
	"strings"

	"streamsql/internal/session"
	"streamsql/internal/types"
)

// The backend's messages, appended to a buffer. beginMessage and endMessage frame one.

func beginMessage(dst []byte, kind byte) ([]byte, int) {
	return append(dst, kind, 0, 0, 0, 0), len(dst) + 1
}

func endMessage(dst []byte, lengthAt int) []byte {
	binary.BigEndian.PutUint32(dst[lengthAt:], uint32(len(dst)-lengthAt))
	return dst
}

// appendCString appends s up to its first NUL, which the protocol cannot carry.
func appendCString(dst []byte, s string) []byte {
	if i := strings.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	return append(append(dst, s...), 0)
}

func appendParseComplete(dst []byte) []byte   { return append(dst, '1', 0, 0, 0, 4) }
func appendBindComplete(dst []byte) []byte    { return append(dst, '2', 0, 0, 0, 4) }
func appendCloseComplete(dst []byte) []byte   { return append(dst, '3', 0, 0, 0, 4) }
func appendCopyDone(dst []byte) []byte        { return append(dst, 'c', 0, 0, 0, 4) }
func appendNoData(dst []byte) []byte          { return append(dst, 'n', 0, 0, 0, 4) }
func appendEmptyQuery(dst []byte) []byte      { return append(dst, 'I', 0, 0, 0, 4) }
func appendPortalSuspended(dst []byte) []byte { return append(dst, 's', 0, 0, 0, 4) }

func appendReady(dst []byte, status session.TxStatus) []byte {
	return append(dst, 'Z', 0, 0, 0, 5, byte(status))
}

func appendAuth(dst []byte, kind uint32, body []byte) []byte {
	dst, at := beginMessage(dst, 'R')
	dst = binary.BigEndian.AppendUint32(dst, kind)
	return endMessage(append(dst, body...), at)
}

func appendBackendKey(dst []byte, id, secret uint32) []byte {
	dst, at := beginMessage(dst, 'K')
	dst = binary.BigEndian.AppendUint32(dst, id)
	dst = binary.BigEndian.AppendUint32(dst, secret)
	return endMessage(dst, at)
}

func appendParameterStatus(dst []byte, s session.Setting) []byte {
	dst, at := beginMessage(dst, 'S')
	dst = appendCString(dst, s.Name)
	return endMessage(appendCString(dst, s.Value), at)
}

// appendNegotiate tells the client the newest protocol we speak and the protocol options we do not know.
func appendNegotiate(dst []byte, unknown []string) []byte {
	dst, at := beginMessage(dst, 'v')
	dst = binary.BigEndian.AppendUint32(dst, protocol30)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(unknown)))
	for _, name := range unknown {
		dst = appendCString(dst, name)
	}
	return endMessage(dst, at)
}

// appendComplete appends CommandComplete; a tag that ends in a space gets the row count.
func appendComplete(dst []byte, tag string, rows int64) []byte {
	dst, at := beginMessage(dst, 'C')
	dst = append(dst, tag...)
	if len(tag) > 0 && tag[len(tag)-1] == ' ' {
		dst = strconv.AppendInt(dst, rows, 10)
	}
	return endMessage(append(dst, 0), at)
}

// appendRowDescription describes columns; formats has one code a column, or none for text.
func appendRowDescription(dst []byte, cols []session.Column, formats []int16) []byte {
	dst, at := beginMessage(dst, 'T')
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(cols)))
	for i := range cols {
		c := &cols[i]
		dst = appendCString(dst, c.Name)
		dst = binary.BigEndian.AppendUint32(dst, c.TableOID)
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Attr))
		dst = binary.BigEndian.AppendUint32(dst, c.Type.OID())
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Type.Len()))
		dst = binary.BigEndian.AppendUint32(dst, uint32(c.Type.TypMod()))
		dst = binary.BigEndian.AppendUint16(dst, uint16(formatOf(formats, i)))
	}
	return endMessage(dst, at)
}

func appendParameterDescription(dst []byte, params []types.Type) []byte {
	dst, at := beginMessage(dst, 't')
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(params)))
	for _, t := range params {
		dst = binary.BigEndian.AppendUint32(dst, t.OID())
	}
	return endMessage(dst, at)
}

// appendCopyResponse appends CopyInResponse ('G') or CopyOutResponse ('H').
func appendCopyResponse(dst []byte, kind byte, columns int, binaryFormat bool) []byte {
	code := byte(0)
	if binaryFormat {
		code = 1
	}
	dst, at := beginMessage(dst, kind)
	dst = append(dst, code)
	dst = binary.BigEndian.AppendUint16(dst, uint16(columns))
	for range columns {
		dst = append(dst, 0, code)
	}
	return endMessage(dst, at)
}

// appendReport appends an ErrorResponse ('E') or NoticeResponse ('N'). position is in characters from 1; 0: none.
func appendReport(dst []byte, kind byte, severity, code, msg, detail, hint string, position int) []byte {
	dst, at := beginMessage(dst, kind)
	field := func(name byte, value string) {
		if value != "" {
			dst = appendCString(append(dst, name), value)
		}
	}
	field('S', severity)
	field('V', severity)
	field('C', code)
	field('M', msg)
	field('D', detail)
	field('H', hint)
	if position > 0 {
		field('P', strconv.Itoa(position))
	}
	return endMessage(append(dst, 0), at)
}

// formatOf returns the format code of item i: one code counts for all, none means text.
func formatOf(codes []int16, i int) int16 {
	switch len(codes) {
	case 0:
		return 0
	case 1:
		return codes[0]
	}
	return codes[i]
}
