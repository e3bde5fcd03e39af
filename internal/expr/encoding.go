package expr

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Character encodings of convert_from, convert_to, convert and length: UTF8, SQL_ASCII (bytes as they are) and those of
// one byte a character. PostgreSQL's others are known by name and refused.

const untranslatableCharacter = "22P05"

// encodings are PostgreSQL's names, letters and digits only and in lower case, and its name for the encoding; "" is one
// that is refused.
var encodings = map[string]string{"utf8": "UTF8", "unicode": "UTF8", "sqlascii": "SQL_ASCII"}

// charmaps are the encodings of one byte a character.
var charmaps = map[string]*charmap.Charmap{
	"LATIN1": charmap.ISO8859_1, "LATIN2": charmap.ISO8859_2, "LATIN3": charmap.ISO8859_3, "LATIN4": charmap.ISO8859_4, "LATIN5": charmap.ISO8859_9,
	"LATIN6": charmap.ISO8859_10, "LATIN7": charmap.ISO8859_13, "LATIN8": charmap.ISO8859_14, "LATIN9": charmap.ISO8859_15,
	"LATIN10": charmap.ISO8859_16, "ISO_8859_5": charmap.ISO8859_5, "ISO_8859_6": charmap.ISO8859_6, "ISO_8859_7": charmap.ISO8859_7,
	"ISO_8859_8": charmap.ISO8859_8, "WIN1250": charmap.Windows1250, "WIN1251": charmap.Windows1251, "WIN1252": charmap.Windows1252,
	"WIN1253": charmap.Windows1253, "WIN1254": charmap.Windows1254, "WIN1255": charmap.Windows1255, "WIN1256": charmap.Windows1256,
	"WIN1257": charmap.Windows1257, "WIN1258": charmap.Windows1258, "WIN866": charmap.CodePage866, "WIN874": charmap.Windows874,
	"KOI8R": charmap.KOI8R, "KOI8U": charmap.KOI8U,
}

func init() {
	for n := range strings.FieldsSeq(`big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk johab mskanji muleinternal shiftjis
		shiftjis2004 sjis uhc win932 win936 win949 win950 windows932 windows936 windows949 windows950`) {
		encodings[n] = ""
	}
	for name := range charmaps {
		encodings[encodingKey([]byte(name))] = name
		if n, ok := strings.CutPrefix(name, "WIN"); ok {
			encodings["windows"+n] = name
		}
	}
	for alias, name := range map[string]string{"iso88591": "LATIN1", "iso88592": "LATIN2", "iso88593": "LATIN3", "iso88594": "LATIN4", "iso88599": "LATIN5",
		"iso885910": "LATIN6", "iso885913": "LATIN7", "iso885914": "LATIN8", "iso885915": "LATIN9", "iso885916": "LATIN10", "koi8": "KOI8R",
		"alt": "WIN866", "abc": "WIN1258", "tcvn": "WIN1258", "tcvn5712": "WIN1258", "vscii": "WIN1258", "win": "WIN1251"} {
		encodings[alias] = name
	}
	def("convert(bytea, name, name) bytea stable", "bytes of one encoding as bytes of another", `convert('\xe4'::bytea, 'LATIN1', 'UTF8') => \xc3a4`,
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			from, err := encodingOf(a[1].Bytes, "source")
			if err != nil {
				return types.Null, err
			}
			to, err := encodingOf(a[2].Bytes, "destination")
			if err != nil {
				return types.Null, err
			}
			b, err := fromEncoding(from, a[0].Bytes)
			if err != nil || from == to {
				return a[0], err
			}
			b, err = toEncoding(to, b)
			return types.BytesValue(b), err
		}))
	def("length(bytea, name) int4 stable", "the number of characters of bytes in an encoding", `length('\xc3a4'::bytea, 'UTF8') => 1`,
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			e, err := encodingOf(a[1].Bytes, "")
			if err != nil {
				return types.Null, err
			}
			if b := a[0].Bytes; e == "UTF8" {
				_, err := fromEncoding(e, b)
				return types.IntValue(int64(utf8.RuneCount(b))), err
			}
			_, err = fromEncoding("SQL_ASCII", a[0].Bytes)
			return types.IntValue(int64(len(a[0].Bytes))), err
		}))
}

// encodingKey is what counts of an encoding's name.
func encodingKey(name []byte) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return -1
	}, string(name))
}

// encodingOf finds an encoding; which is "source" or "destination".
func encodingOf(name []byte, which string) (string, error) {
	e, ok := encodings[encodingKey(name)]
	switch {
	case !ok && which == "":
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid encoding name \"%s\"", name)
	case !ok:
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid %s encoding name \"%s\"", which, name)
	case e == "":
		return "", pgerr.Unsupported(pgerr.NoPos, "encoding \"%s\"", name)
	}
	return e, nil
}

// fromEncoding makes UTF-8 of bytes in encoding e. The byte 0 is in none.
func fromEncoding(e string, b []byte) ([]byte, error) {
	if i := bytes.IndexByte(b, 0); i >= 0 && (e != "UTF8" || utf8.Valid(b[:i])) {
		return nil, pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"%s\": 0x00", e)
	}
	switch {
	case e == "UTF8" && !utf8.Valid(b):
		return nil, pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"%s\"", e)
	case charmaps[e] == nil:
		return b, nil
	}
	var out []byte
	for _, c := range b {
		r := charmaps[e].DecodeByte(c)
		if r == utf8.RuneError {
			return nil, pgerr.New(untranslatableCharacter, "character with byte sequence 0x%02x in encoding \"%s\" has no equivalent in encoding \"UTF8\"", c, e)
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// toEncoding makes bytes in encoding e of UTF-8.
func toEncoding(e string, b []byte) ([]byte, error) {
	if charmaps[e] == nil {
		return b, nil
	}
	var out []byte
	for _, r := range string(b) {
		c, ok := charmaps[e].EncodeRune(r)
		if !ok {
			return nil, pgerr.New(untranslatableCharacter, "character with byte sequence %s in encoding \"UTF8\" has no equivalent in encoding \"%s\"",
				hexBytes(utf8.AppendRune(nil, r)), e)
		}
		out = append(out, c)
	}
	return out, nil
}

func hexBytes(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = fmt.Sprintf("0x%02x", c)
	}
	return strings.Join(parts, " ")
}

// convertFrom is convert_from: text cannot hold the byte 0.
func convertFrom(_ *row, a []types.Value) (types.Value, error) {
	e, err := encodingOf(a[1].Bytes, "source")
	if err != nil {
		return types.Null, err
	}
	b, err := fromEncoding(e, a[0].Bytes)
	if err == nil && e == "SQL_ASCII" && !utf8.Valid(b) {
		err = pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"")
	}
	return types.BytesValue(b), err
}

// convertTo is convert_to.
func convertTo(_ *row, a []types.Value) (types.Value, error) {
	e, err := encodingOf(a[1].Bytes, "destination")
	if err != nil {
		return types.Null, err
	}
	b, err := toEncoding(e, a[0].Bytes)
	return types.BytesValue(b), err
}
