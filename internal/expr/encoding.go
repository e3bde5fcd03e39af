package expr

import (
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Character encodings of convert_from and convert_to: UTF8, LATIN1 and SQL_ASCII (bytes as they are). PostgreSQL's
// others are known by name and refused.

const untranslatableCharacter = "22P05"

// encodings are PostgreSQL's names, letters and digits only and in lower case, and what we make of them.
var encodings = map[string]string{"utf8": "UTF8", "unicode": "UTF8", "latin1": "LATIN1", "iso88591": "LATIN1", "sqlascii": "SQL_ASCII"}

func init() {
	for n := range strings.FieldsSeq(`abc alt big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk iso88592 iso88593 iso88594
		iso88595 iso88596 iso88597 iso88598 iso88599 iso885910 iso885913 iso885914 iso885915 iso885916 johab koi8 koi8r koi8u latin10 latin2
		latin3 latin4 latin5 latin6 latin7 latin8 latin9 mskanji muleinternal shiftjis shiftjis2004 sjis tcvn tcvn5712 uhc vscii
		win win1250 win1251 win1252 win1253 win1254 win1255 win1256 win1257 win1258 win866 win874 win932 win936 win949 win950
		windows1250 windows1251 windows1252 windows1253 windows1254 windows1255 windows1256 windows1257 windows1258 windows866
		windows874 windows932 windows936 windows949 windows950`) {
		encodings[n] = ""
	}
}

// encodingOf finds an encoding; which is "source" or "destination".
func encodingOf(name []byte, which string) (string, error) {
	key := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return -1
	}, string(name))
	e, ok := encodings[key]
	switch {
	case !ok:
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid %s encoding name \"%s\"", which, name)
	case e == "":
		return "", pgerr.Unsupported(pgerr.NoPos, "encoding \"%s\"", name)
	}
	return e, nil
}

// convertFrom is convert_from: text cannot hold the byte 0.
func convertFrom(r *row, a []types.Value) (types.Value, error) {
	e, err := encodingOf(a[1].Bytes, "source")
	if err != nil {
		return types.Null, err
	}
	b := a[0].Bytes
	if strings.IndexByte(string(b), 0) >= 0 || e != "LATIN1" && !utf8.Valid(b) {
		return types.Null, pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"%s\"", e)
	}
	if e != "LATIN1" {
		return a[0], nil
	}
	r.buf = r.buf[:0]
	for _, c := range b {
		r.buf = utf8.AppendRune(r.buf, rune(c))
	}
	return types.Value{Bytes: r.buf}, nil
}

// convertTo is convert_to.
func convertTo(r *row, a []types.Value) (types.Value, error) {
	e, err := encodingOf(a[1].Bytes, "destination")
	if err != nil || e != "LATIN1" {
		return a[0], err
	}
	r.buf = r.buf[:0]
	for _, c := range string(a[0].Bytes) {
		if c > 0xff {
			return types.Null, pgerr.New(untranslatableCharacter, "character %q in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"", c)
		}
		r.buf = append(r.buf, byte(c))
	}
	return types.Value{Bytes: r.buf}, nil
}
