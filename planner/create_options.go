package planner

import (
	"strconv"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// partitionsMax bounds PARTITIONS: more is a typing error, not a wish.
const partitionsMax = 10000

// sourceOptions are the WITH options of a stream or table, read and checked by themselves.
type sourceOptions struct {
	topic                  string
	partitions, replicas   int
	keyFormat, valueFormat string
	delimiter, onError     string
	timestamp              string
	timestampFormat        string
	timestampPos           int
	written                map[string]string
}

// optionNames lists the options for the hint of an unknown one.
const optionNames = "kafka_topic, value_format, key_format, format, partitions, replicas, timestamp, timestamp_format, " +
	"value_delimiter, on_error, connector"

func readOptions(opts []ast.Option) (*sourceOptions, error) {
	w := &sourceOptions{onError: "skip", written: map[string]string{}}
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
		w.replicas, err = count(o, name)
	case "timestamp":
		w.timestamp, w.timestampPos = o.Value, at(o)
	case "timestamp_format":
		w.timestampFormat = o.Value
	case "value_delimiter", "delimiter":
		w.delimiter, err = delimiter(o)
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

func count(o ast.Option, name string) (int, error) {
	n, err := strconv.Atoi(o.Value)
	if err != nil || n < 1 || n > partitionsMax {
		return 0, pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s needs a number from 1 to %d, not %s", quoted(name), partitionsMax, quoted(o.Value))
	}
	return n, nil
}

// delimiter accepts one character, or ksqlDB's words for two that are hard to write.
func delimiter(o ast.Option) (string, error) {
	switch strings.ToLower(o.Value) {
	case "space":
		return " ", nil
	case "tab":
		return "\t", nil
	}
	if len(o.Value) != 1 || o.Value[0] == '"' || o.Value[0] == '\n' || o.Value[0] == '\r' {
		return "", pgerr.At(at(o), pgerr.InvalidParameterValue, "option %s needs one character, 'SPACE' or 'TAB'", quoted(o.Name))
	}
	return o.Value, nil
}

// connector checks the options against the columns and fills in what was not said. keys are the key columns.
func (w *sourceOptions) connector(o *catalog.Object, keys []int) (*catalog.Connector, error) {
	c := &catalog.Connector{Topic: w.topic, Partitions: w.partitions, Replicas: w.replicas, KeyFormat: w.keyFormat,
		ValueFormat: w.valueFormat, Delimiter: w.delimiter, OnError: w.onError, Options: w.written}
	if c.Topic == "" {
		c.Topic = o.Name
	}
	if c.ValueFormat == "" {
		c.ValueFormat = "json"
	}
	if c.KeyFormat == "" {
		c.KeyFormat = defaultKeyFormat(o, keys)
	}
	if c.ValueFormat == "delimited" && c.Delimiter == "" {
		c.Delimiter = ","
	}
	if err := fitsFormats(o, keys, c); err != nil {
		return nil, err
	}
	if w.timestamp == "" {
		return c, nil
	}
	i := o.Column(w.timestamp)
	if i < 0 {
		i = o.Column(strings.ToLower(w.timestamp))
	}
	if i < 0 {
		return nil, pgerr.At(w.timestampPos, pgerr.UndefinedColumn, "column %s of option \"timestamp\" does not exist", quoted(w.timestamp))
	}
	switch t := o.Columns[i].Type; {
	case t.Kind == types.Int8, t.Kind == types.Timestamp, t.Kind == types.TimestampTZ, t.IsString():
	default:
		return nil, pgerr.At(w.timestampPos, pgerr.DatatypeMismatch, "option \"timestamp\" needs a timestamp, bigint or text column, not type %s", t)
	}
	c.TimestampColumn, c.TimestampFormat = o.Columns[i].Name, w.timestampFormat
	return c, nil
}

// defaultKeyFormat: keys that we write are JSON. A key that others write is raw text when its column is text (what
// Kafka's own tools produce), JSON otherwise; under the ksql dialect it is Kafka's primitive form, ksqlDB's default.
func defaultKeyFormat(o *catalog.Object, keys []int) string {
	switch {
	case len(keys) == 0:
		return "none"
	case o.Owned || len(keys) > 1:
		return "json"
	case o.Dialect == "ksql" || o.Columns[keys[0]].Type.IsString():
		return "kafka"
	}
	return "json"
}

// fitsFormats refuses formats that cannot carry the columns.
func fitsFormats(o *catalog.Object, keys []int, c *catalog.Connector) error {
	values := 0
	for i, col := range o.Columns {
		if col.Hidden {
			continue
		}
		isKey := false
		for _, k := range keys {
			isKey = isKey || k == i
		}
		if !isKey {
			values++
		}
	}
	switch {
	case len(keys) > 0 && c.KeyFormat == "none":
		return pgerr.New(pgerr.InvalidTableDefinition, "key format 'none' does not go with key columns")
	case len(keys) > 1 && c.KeyFormat == "kafka":
		return pgerr.New(pgerr.InvalidTableDefinition, "key format 'kafka' carries one key column, not %d", len(keys)).WithHint("Use key_format = 'json'.")
	case c.ValueFormat == "kafka" && values > 1:
		return pgerr.New(pgerr.InvalidTableDefinition, "value format 'kafka' carries one column, not %d", values).WithHint("Use value_format = 'json'.")
	case c.ValueFormat == "none" && values > 0:
		return pgerr.New(pgerr.InvalidTableDefinition, "value format 'none' does not go with columns outside of the key")
	}
	return nil
}
