package kafka

import (
	"strings"

	"streamsql/connectors"
	"streamsql/connectors/format"
	"streamsql/connectors/format/delimited"
	"streamsql/connectors/format/json"
	primitive "streamsql/connectors/format/kafka"
	"streamsql/internal/javatime"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// layout is a SourceSpec made ready: which columns come from where, and what makes their decoders.
type layout struct {
	spec    connectors.SourceSpec
	columns []format.Column
	hidden  int // column decoded only for ROWTIME and taken out of the batches; -1: none
	tsCol   int // column that is ROWTIME; -1: the record's timestamp is
	meta    []metaColumn
	keyCols int // columns of the key, needed or not
	onError onError
	// tombstones: a record of a stream without a value is a row, not a bad record.
	tombstones bool
	pattern    *javatime.Pattern // of a timestamp column of text; nil: format.Clock reads it
}

// metaColumn is a needed column that is read from a record's metadata.
type metaColumn struct {
	col    int
	from   connectors.Part
	millis bool   // a bigint ROWTIME: milliseconds since 1970
	header string // the one header that is read
	typ    types.Type
}

type onError uint8

const (
	skipRow onError = iota
	nullRow
	stopSource
)

// newLayout checks a spec.
func newLayout(spec connectors.SourceSpec) (*layout, error) {
	l := &layout{spec: spec, columns: make([]format.Column, len(spec.Columns)), hidden: -1, tsCol: -1}
	switch spec.OnError {
	case "", "skip":
		l.onError = skipRow
	case "null":
		l.onError = nullRow
	case "stop":
		l.onError = stopSource
	default:
		return nil, pgerr.New(pgerr.InvalidParameterValue, "on_error must be skip, null or stop, not %q", spec.OnError)
	}
	for i, c := range spec.Columns {
		inPart := c.From == connectors.Key || c.From == connectors.Value // metadata is always there
		l.columns[i] = format.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull && inPart}
		if c.From == connectors.Key {
			l.keyCols++
		}
	}
	for _, i := range spec.Need {
		l.columns[i].Needed = true
	}
	if err := l.addMeta(); err != nil {
		return nil, err
	}
	if err := l.addRowtime(); err != nil {
		return nil, err
	}
	_, err := l.newRowReader() // refuses what the formats cannot hold
	return l, err
}

func (l *layout) addMeta() error {
	for i, c := range l.spec.Columns {
		if c.From == connectors.Key || c.From == connectors.Value {
			continue
		}
		l.tombstones = l.tombstones || c.From == connectors.Tombstone
		if !metaType(c) {
			return pgerr.New(pgerr.DatatypeMismatch, "column %q cannot be of type %s", c.Name, c.Type)
		}
		if l.columns[i].Needed {
			l.meta = append(l.meta, metaColumn{col: i, from: c.From, millis: c.Type.Kind == types.Int8, header: c.Header, typ: c.Type})
		}
	}
	return nil
}

// metaType reports whether a column read from metadata has a type that can hold it.
func metaType(c connectors.Column) bool {
	k := c.Type.Kind
	switch c.From {
	case connectors.Headers:
		return c.Header != "" && k == types.Bytea || c.Header == "" && isHeaders(c.Type)
	case connectors.Timestamp:
		return k == types.Int8 || k == types.Timestamp || k == types.TimestampTZ
	case connectors.Partition:
		return k == types.Int8 || k == types.Int4
	}
	return k == types.Int8
}

// addRowtime finds the column that is ROWTIME.
func (l *layout) addRowtime() error {
	if l.spec.TimestampColumn == "" {
		return nil
	}
	if f := l.spec.TimestampFormat; f != "" && !isoPattern(f) {
		p, err := javatime.Compile(f)
		if err != nil {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid TIMESTAMP_FORMAT %q", f).WithDetail("%s.", pgerr.From(err).Msg)
		}
		l.pattern = p
	}
	for i, c := range l.spec.Columns {
		if c.Name != l.spec.TimestampColumn || c.From != connectors.Key && c.From != connectors.Value {
			continue
		}
		switch c.Type.Kind {
		case types.Timestamp, types.TimestampTZ, types.Int8, types.Text, types.Varchar:
		default:
			return pgerr.New(pgerr.DatatypeMismatch, "timestamp column %q cannot be of type %s", c.Name, c.Type)
		}
		for _, m := range l.meta {
			if m.from == connectors.Timestamp {
				l.tsCol = i
			}
		}
		if l.tsCol >= 0 && !l.columns[i].Needed {
			l.hidden, l.columns[i].Needed = i, true
		}
		return nil
	}
	return pgerr.New(pgerr.UndefinedColumn, "timestamp column %q does not exist", l.spec.TimestampColumn)
}

// isoPattern reports whether a pattern of Java's DateTimeFormatter describes what format.Clock reads anyway:
// yyyy-MM-dd'T'HH:mm:ss with decimals or without, with an offset or without.
func isoPattern(p string) bool {
	rest, ok := strings.CutPrefix(p, "yyyy-MM-dd")
	if !ok {
		return false
	}
	for _, sep := range []string{" ", "'T'", "T"} {
		after, found := strings.CutPrefix(rest, sep+"HH:mm:ss")
		if !found {
			continue
		}
		for _, zone := range []string{"XXX", "XX", "X", "'Z'", "Z"} {
			if t, cut := strings.CutSuffix(after, zone); cut {
				after = t
				break
			}
		}
		decimals, found := strings.CutPrefix(after, ".")
		return after == "" || found && decimals != "" && len(decimals) <= 9 && strings.Trim(decimals, "S") == ""
	}
	return false
}

// newRowReader makes the decoders of one goroutine.
func (l *layout) newRowReader() (*rowReader, error) {
	r := &rowReader{layout: l, rows: format.NewRows(l.columns)}
	var err error
	if r.key, err = l.decoder(connectors.Key, l.spec.KeyFormat, l.spec.KeyDelimiter); err != nil {
		return nil, err
	}
	r.value, err = l.decoder(connectors.Value, l.spec.ValueFormat, l.spec.Delimiter)
	return r, err
}

// decoder returns the decoder of one part, or nil if no column comes from it. Every column is read, needed or not: which
// records are bad must not depend on the query.
func (l *layout) decoder(part connectors.Part, name, delimiter string) (format.Decoder, error) {
	var all []format.Target
	for i, c := range l.spec.Columns {
		if c.From == part {
			all = append(all, format.Target{Col: i, Name: c.Name, Type: c.Type})
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	switch formatName(name) {
	case "json":
		return json.NewDecoder(all, jsonForm(l.spec.Formats, part == connectors.Key))
	case "kafka":
		if err := checkPrimitive(all); err != nil {
			return nil, err
		}
		return primitive.NewDecoder(all[0])
	case "delimited":
		d, err := delimited.ParseDelimiter(delimiter)
		if err != nil {
			return nil, err
		}
		return delimited.NewDecoder(all, d, l.spec.KSQL)
	case "none":
		return nil, pgerr.New(pgerr.InvalidParameterValue, "format NONE cannot hold column %q", all[0].Name)
	}
	return nil, pgerr.Unsupported(pgerr.NoPos, "format %q", name)
}
