package planner

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// partitionsMax bounds PARTITIONS: more is a typing error, not a wish.
const partitionsMax = 10000

// sourceOptions are the WITH options of a stream or table, read and checked by themselves.
type sourceOptions struct {
	ksql                    bool
	properties              map[string]string
	topic                   string
	partitions, replicas    int
	keyFormat, valueFormat  string
	delimiter, keyDelimiter string
	onError                 string
	timestamp               string
	timestampFormat         string
	timestampPos            int
	wrap                    *bool // WRAP_SINGLE_VALUE
	window                  string
	windowSize              time.Duration
	written                 map[string]string
	derived                 bool               // the topic is that of CREATE … AS SELECT
	inherited               *catalog.Connector // of the source that the query reads first, in the ksql dialect; or nil
}

// optionNames lists the options for the hint of an unknown one.
const optionNames = "kafka_topic, value_format, key_format, format, partitions, replicas, retention_ms, timestamp, timestamp_format, " +
	"key_delimiter, value_delimiter, wrap_single_value, window_type, window_size, on_error, connector"

func (b *binder) readOptions(opts []ast.Option) (*sourceOptions, error) {
	w := &sourceOptions{onError: "skip", ksql: b.opt.Dialect == "ksql", properties: b.opt.Properties, written: map[string]string{}}
	for _, o := range opts {
		name := strings.ToLower(o.Name)
		if _, twice := w.written[name]; twice {
			return nil, pgerr.At(at(o), pgerr.SyntaxError, "option %s specified more than once", quoted(name))
		}
		w.written[name] = o.Value
		if err := w.set(name, o); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"key_format", "value_format"} {
		if _, both := w.written[name]; both && w.written["format"] != "" {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "options \"format\" and %s cannot be given together", quoted(name)).
				WithHint("FORMAT sets both formats: give it alone, or KEY_FORMAT and VALUE_FORMAT.")
		}
	}
	return w, nil
}

func (w *sourceOptions) set(name string, o ast.Option) (err error) {
	lower := strings.ToLower(o.Value)
	switch name {
	case "kafka_topic", "topic":
		if o.Value == "" {
			return pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s needs a topic's name", quoted(name))
		}
		w.topic = o.Value
	case "value_format":
		w.valueFormat, err = formatName(o)
	case "key_format":
		w.keyFormat, err = formatName(o)
	case "format":
		w.valueFormat, err = formatName(o)
		w.keyFormat = w.valueFormat
	case "partitions":
		w.partitions, err = count(o, name)
	case "replicas":
		if w.replicas, err = count(o, name); o.Value == "-1" {
			w.replicas, err = 0, nil // ksqlDB's word for the cluster's default
		}
	case "retention_ms":
		if n, perr := strconv.ParseInt(o.Value, 10, 64); perr != nil || n < -1 {
			err = pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s needs a number of milliseconds, not %s", quoted(name), quoted(o.Value))
		}
	case "timestamp":
		w.timestamp, w.timestampPos = o.Value, at(o)
	case "timestamp_format":
		w.timestampFormat = o.Value
	case "value_delimiter", "delimiter":
		w.delimiter, err = w.readDelimiter(o)
	case "key_delimiter":
		w.keyDelimiter, err = w.readDelimiter(o)
	case "wrap_single_value":
		err = w.setWrap(o)
	case "window_type":
		w.window = lower
		if lower != "tumbling" && lower != "hopping" && lower != "session" {
			err = pgerr.At(at(o), pgerr.InvalidParameterValue, "invalid value for option \"window_type\": %s", quoted(o.Value)).
				WithHint("Use 'SESSION', 'TUMBLING' or 'HOPPING'.")
		}
	case "window_size":
		w.windowSize, err = windowSize(o)
	case "on_error":
		w.onError = lower
		if lower != "skip" && lower != "null" && lower != "stop" {
			return pgerr.At(at(o), pgerr.InvalidParameterValue, "invalid value for option \"on_error\": %s", quoted(o.Value)).
				WithHint("Use 'skip', 'null' or 'stop'.")
		}
	case "connector":
		if lower != "kafka" {
			return pgerr.Unsupported(at(o), "connector %s", quoted(o.Value))
		}
	case "value_avro_schema_full_name", "key_schema_full_name", "value_schema_full_name", "key_schema_id", "value_schema_id",
		"key_protobuf_nullable_representation", "value_protobuf_nullable_representation":
		return pgerr.Unsupported(at(o), "option %s: there is no schema registry", quoted(name))
	default:
		return pgerr.At(at(o), pgerr.SyntaxError, "unrecognized option %s", quoted(o.Name)).WithHint("Known options: %s.", optionNames)
	}
	return err
}

func formatName(o ast.Option) (string, error) {
	switch f := strings.ToLower(o.Value); f {
	case "json", "delimited", "kafka", "none":
		return f, nil
	}
	return "", pgerr.Unsupported(at(o), "format %s", quoted(o.Value))
}

func (w *sourceOptions) setWrap(o ast.Option) error {
	v, ok := map[string]bool{"true": true, "false": false}[strings.ToLower(o.Value)]
	if !ok {
		return pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s is true or false, not %s", quoted(o.Name), quoted(o.Value))
	}
	w.wrap = &v
	return nil
}

// windowSize reads ksqlDB's WINDOW_SIZE: '10 seconds'.
func windowSize(o ast.Option) (time.Duration, error) {
	n, unit, _ := strings.Cut(strings.TrimSpace(strings.ToLower(o.Value)), " ")
	count, err := strconv.ParseInt(n, 10, 64)
	us, ok := durationUnits[strings.TrimSuffix(strings.TrimSpace(unit), "s")]
	if err != nil || !ok || count <= 0 || count > int64(1<<62)/us/1000 {
		return 0, pgerr.At(at(o), pgerr.InvalidParameterValue, "invalid value for option \"window_size\": %s", quoted(o.Value)).
			WithHint("Write a number and a unit: '10 SECONDS'.")
	}
	return time.Duration(count*us) * time.Microsecond, nil
}

func count(o ast.Option, name string) (int, error) {
	n, err := strconv.Atoi(o.Value)
	if err != nil || n < 1 || n > partitionsMax {
		return 0, pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s needs a number from 1 to %d, not %s", quoted(name), partitionsMax, quoted(o.Value))
	}
	return n, nil
}

// readDelimiter accepts one character, or ksqlDB's words for two that are hard to write.
func (w *sourceOptions) readDelimiter(o ast.Option) (string, error) {
	switch strings.ToLower(o.Value) {
	case "space":
		return " ", nil
	case "tab":
		return "\t", nil
	}
	if len(o.Value) != 1 || o.Value[0] == '"' || o.Value[0] == '\n' || o.Value[0] == '\r' || w.ksql && o.Value == " " {
		return "", pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s needs one character, 'SPACE' or 'TAB'", quoted(o.Name))
	}
	return o.Value, nil
}

// connector checks the options against the columns and fills in what was not said. keys are the key columns.
func (w *sourceOptions) connector(o *catalog.Object, keys []int) (*catalog.Connector, error) {
	c := &catalog.Connector{Topic: w.topic, Partitions: w.partitions, Replicas: w.replicas, KeyFormat: w.keyFormat,
		ValueFormat: w.valueFormat, Delimiter: w.delimiter, KeyDelimiter: w.keyDelimiter, OnError: w.onError, Options: w.written,
		Window: w.window, WindowSize: w.windowSize}
	if c.Topic == "" {
		c.Topic = o.Name
		if w.derived {
			c.Topic = w.properties["ksql.output.topic.name.prefix"] + o.Name
		}
	}
	if err := w.settleFormats(o, keys, c); err != nil {
		return nil, err
	}
	if err := w.settleWindow(o, c); err != nil {
		return nil, err
	}
	if err := fitsFormats(o, keys, c); err != nil {
		return nil, err
	}
	if err := w.settleWrap(o, keys, c); err != nil {
		return nil, err
	}
	return c, w.settleTimestamp(o, c)
}

// settleFormats fills in formats and delimiters that were not given.
func (w *sourceOptions) settleFormats(o *catalog.Object, keys []int, c *catalog.Connector) error {
	in := w.inherited
	if c.ValueFormat == "" {
		switch {
		case in != nil:
			c.ValueFormat = in.ValueFormat
			if c.Delimiter == "" {
				c.Delimiter = in.Delimiter
			}
		case w.properties["ksql.persistence.default.format.value"] != "":
			c.ValueFormat = strings.ToLower(w.properties["ksql.persistence.default.format.value"])
		case w.ksql:
			return pgerr.New(pgerr.InvalidParameterValue, "statement is missing the option \"value_format\"").
				WithHint("Give VALUE_FORMAT or FORMAT, or SET 'ksql.persistence.default.format.value'.")
		default:
			c.ValueFormat = "json"
		}
	}
	if c.KeyFormat == "" {
		c.KeyFormat = w.defaultKeyFormat(o, keys, c)
	}
	return w.settleDelimiters(c)
}

func (w *sourceOptions) settleDelimiters(c *catalog.Connector) error {
	if w.ksql && w.delimiter != "" && c.ValueFormat != "delimited" || w.keyDelimiter != "" && c.KeyFormat != "delimited" {
		return pgerr.New(pgerr.InvalidParameterValue, "only the format DELIMITED has a delimiter")
	}
	if c.ValueFormat == "delimited" && c.Delimiter == "" {
		c.Delimiter = ","
	}
	if c.KeyFormat == "delimited" && c.KeyDelimiter == "" {
		c.KeyDelimiter = ","
	}
	if !w.ksql {
		return nil
	}
	for _, f := range []string{c.KeyFormat, c.ValueFormat} { // what a property said was not checked yet
		if _, err := formatName(ast.Option{Pos: ast.Pos(pgerr.NoPos), Value: f}); err != nil {
			return err
		}
	}
	return nil
}

// defaultKeyFormat: keys that we write are JSON. A key that others write is raw text when its column is text (what
// Kafka's own tools produce), JSON otherwise. In the ksql dialect it is that of the query's source, or what the property
// says, or Kafka's primitive form, ksqlDB's default.
func (w *sourceOptions) defaultKeyFormat(o *catalog.Object, keys []int, c *catalog.Connector) string {
	if w.ksql {
		if in := w.inherited; in != nil && (in.KeyFormat != "none" || len(keys) == 0) {
			if c.KeyDelimiter == "" {
				c.KeyDelimiter = in.KeyDelimiter
			}
			return in.KeyFormat
		}
		if f := w.properties["ksql.persistence.default.format.key"]; f != "" {
			return strings.ToLower(f)
		}
		return "kafka"
	}
	switch {
	case len(keys) == 0:
		return "none"
	case o.Owned || len(keys) > 1:
		return "json"
	case o.Columns[keys[0]].Type.IsString():
		return "kafka"
	}
	return "json"
}

// settleWindow checks WINDOW_TYPE and WINDOW_SIZE against each other.
func (w *sourceOptions) settleWindow(o *catalog.Object, c *catalog.Connector) error {
	sized := c.Window == "tumbling" || c.Window == "hopping"
	switch {
	case c.Window == "" && c.WindowSize != 0:
		return pgerr.New(pgerr.InvalidParameterValue, "option \"window_size\" needs the option \"window_type\"")
	case c.Window != "" && w.derived:
		return pgerr.New(pgerr.InvalidParameterValue, "option \"window_type\" is not for CREATE … AS SELECT: the query says what the windows are")
	case c.Window == "session" && c.WindowSize != 0:
		return pgerr.New(pgerr.InvalidParameterValue, "session windows have no size: option \"window_size\" does not go with them")
	case sized && c.WindowSize == 0:
		return pgerr.New(pgerr.InvalidParameterValue, "option \"window_size\" is missing: %s windows have a size", c.Window)
	}
	return nil
}

// settleWrap checks WRAP_SINGLE_VALUE: only a value of one column, and only in JSON, can do with or without an object.
func (w *sourceOptions) settleWrap(o *catalog.Object, keys []int, c *catalog.Connector) error {
	single := len(valueColumns(o, keys)) == 1
	if w.wrap == nil {
		c.Unwrapped = single && c.ValueFormat == "json" && strings.EqualFold(w.properties["ksql.persistence.wrap.single.values"], "false")
		return nil
	}
	switch {
	case !single:
		return pgerr.New(pgerr.InvalidParameterValue, "option \"wrap_single_value\" is only for values of one column")
	case *w.wrap && c.ValueFormat != "json", c.ValueFormat == "none":
		return pgerr.New(pgerr.InvalidParameterValue, "format %s does not know \"wrap_single_value\" = %t", quoted(c.ValueFormat), *w.wrap)
	}
	c.Unwrapped = !*w.wrap && c.ValueFormat == "json"
	return nil
}

// settleTimestamp finds the column that is ROWTIME.
func (w *sourceOptions) settleTimestamp(o *catalog.Object, c *catalog.Connector) error {
	if w.timestamp == "" {
		if w.timestampFormat != "" && w.ksql {
			return pgerr.New(pgerr.InvalidParameterValue, "option \"timestamp_format\" needs the option \"timestamp\"")
		}
		return nil
	}
	i := o.Column(w.timestamp)
	for _, name := range []string{strings.ToLower(w.timestamp), strings.ToUpper(w.timestamp), strings.Trim(w.timestamp, "`")} {
		if i < 0 {
			i = o.Column(name)
		}
	}
	if i < 0 {
		return pgerr.At(w.timestampPos, pgerr.UndefinedColumn, "column %s of option \"timestamp\" does not exist", quoted(w.timestamp))
	}
	switch t := o.Columns[i].Type; {
	case t.IsString() && w.ksql && w.timestampFormat == "":
		return pgerr.At(w.timestampPos, pgerr.InvalidParameterValue, "option \"timestamp\" with a text column needs \"timestamp_format\"")
	case !t.IsString() && w.ksql && w.timestampFormat != "":
		return pgerr.At(w.timestampPos, pgerr.InvalidParameterValue, "option \"timestamp_format\" is for a text column, not type %s", t)
	case t.Kind == types.Int8, t.Kind == types.Timestamp, t.Kind == types.TimestampTZ, t.IsString():
	default:
		return pgerr.At(w.timestampPos, pgerr.DatatypeMismatch, "option \"timestamp\" needs a timestamp, bigint or text column, not type %s", t)
	}
	c.TimestampColumn, c.TimestampFormat = o.Columns[i].Name, w.timestampFormat
	return nil
}

// valueColumns lists the columns that are in a record's value.
func valueColumns(o *catalog.Object, keys []int) []int {
	var out []int
	for i, col := range o.Columns {
		if !col.Hidden && col.From == catalog.FromValue && !slices.Contains(keys, i) {
			out = append(out, i)
		}
	}
	return out
}

// fitsFormats refuses formats that cannot carry the columns.
func fitsFormats(o *catalog.Object, keys []int, c *catalog.Connector) error {
	values := valueColumns(o, keys)
	switch {
	case len(keys) > 0 && c.KeyFormat == "none":
		return pgerr.New(pgerr.InvalidTableDefinition, "key format 'none' does not go with key columns")
	case len(keys) > 1 && c.KeyFormat == "kafka":
		return pgerr.New(pgerr.InvalidTableDefinition, "key format 'kafka' carries one key column, not %d", len(keys)).WithHint("Use key_format = 'json'.")
	case c.ValueFormat == "kafka" && len(values) > 1:
		return pgerr.New(pgerr.InvalidTableDefinition, "value format 'kafka' carries one column, not %d", len(values)).WithHint("Use value_format = 'json'.")
	case c.ValueFormat == "none" && len(values) > 0:
		return pgerr.New(pgerr.InvalidTableDefinition, "value format 'none' does not go with columns outside of the key")
	}
	if o.Dialect != "ksql" {
		return nil // the encoder refuses types that a format cannot hold
	}
	for _, k := range keys {
		if hasMap(o.Columns[k].Type) {
			return pgerr.New(pgerr.InvalidTableDefinition, "column %s of type %s cannot be a key: maps are not written in one order", quoted(o.Columns[k].Name), o.Columns[k].Type)
		}
		if err := fitsFormat(c.KeyFormat, o.Columns[k]); err != nil {
			return err
		}
	}
	for _, v := range values {
		if err := fitsFormat(c.ValueFormat, o.Columns[v]); err != nil {
			return err
		}
	}
	return nil
}

// fitsFormat refuses what ksqlDB's formats cannot hold.
func fitsFormat(name string, c catalog.Column) error {
	ok := true
	switch k := c.Type.Kind; name {
	case "kafka":
		ok = k == types.Int4 || k == types.Int8 || k == types.Float8 || k == types.Bytea || c.Type.IsString()
	case "delimited":
		ok = k != types.Array && k != types.Map && k != types.Record
	case "json":
		ok = stringKeys(c.Type)
	}
	if ok {
		return nil
	}
	return pgerr.New(pgerr.InvalidTableDefinition, "format %s does not support column %s of type %s", quoted(name), quoted(c.Name), c.Type)
}

// hasMap reports a type with a map in it.
func hasMap(t types.Type) bool {
	return t.Kind == types.Map || t.Elem != nil && hasMap(*t.Elem) || slices.ContainsFunc(t.Fields, func(f types.Field) bool { return hasMap(f.Type) })
}

// stringKeys reports that all maps in a type have keys that can be names of JSON members.
func stringKeys(t types.Type) bool {
	if t.Kind == types.Map && !t.Key.IsString() {
		return false
	}
	return (t.Elem == nil || stringKeys(*t.Elem)) && !slices.ContainsFunc(t.Fields, func(f types.Field) bool { return !stringKeys(f.Type) })
}
