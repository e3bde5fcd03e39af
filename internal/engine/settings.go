package engine

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// settings are a session's run-time parameters. Unknown ones are accepted and kept, as clients set what they know.
type settings struct {
	values  map[string]string
	initial map[string]string // at startup: what RESET goes back to
	local   map[string]string // SET LOCAL: the values before, put back when the transaction ends
	strange []string          // names in local that did not exist before
	before  map[string]string // all values when the transaction block began: what ROLLBACK goes back to; nil outside
	changed []string
	format  *types.Format
	names   func(k types.Kind, oid uint32) (string, bool) // of catalog objects, for their text; nil: numbers
}

// reportedNames are the parameters that the server reports by itself (PostgreSQL's GUC_REPORT), with their spelling.
var reportedNames = []string{"server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only",
	"in_hot_standby", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone", "integer_datetimes",
	"standard_conforming_strings"}

// ServerVersion is the PostgreSQL version that we say we are: psql and drivers choose their catalog queries by it.
const ServerVersion = "15.4"

// defaultSettings are the parameters every session begins with, by lower-case name.
var defaultSettings = map[string]string{
	"server_version": ServerVersion, "server_version_num": "150004", "server_encoding": "UTF8", "client_encoding": "UTF8",
	"application_name": "", "default_transaction_read_only": "off", "in_hot_standby": "off", "is_superuser": "on",
	"session_authorization": "streamsql", "datestyle": "ISO, MDY", "intervalstyle": "postgres", "timezone": "UTC",
	"integer_datetimes": "on", "standard_conforming_strings": "on", "extra_float_digits": "1", "bytea_output": "hex",
	"search_path": `"$user", public`, "transaction_isolation": "read committed", "default_transaction_isolation": "read committed",
	"transaction_read_only": "off", "statement_timeout": "0", "lock_timeout": "0", "client_min_messages": "notice",
	"dialect": "postgres", "lc_collate": "C", "lc_ctype": "C", "max_identifier_length": "63", "ssl": "off",
	"idle_in_transaction_session_timeout": "0", "row_security": "on", "check_function_bodies": "on",
}

// fixedSettings cannot be changed.
var fixedSettings = []string{"server_version", "server_version_num", "server_encoding", "integer_datetimes", "is_superuser",
	"in_hot_standby", "max_identifier_length", "lc_collate", "lc_ctype"}

func newSettings(version string, names func(types.Kind, uint32) (string, bool)) *settings {
	s := &settings{names: names, values: map[string]string{}, local: map[string]string{}}
	for k, v := range defaultSettings {
		s.values[k] = v
	}
	if version != "" {
		s.values["streamsql.version"] = version
	}
	s.format = s.makeFormat()
	return s
}

// startup applies the client's startup parameters.
func (s *settings) startup(params map[string]string) error {
	for k, v := range params {
		k = strings.ToLower(k)
		switch k {
		case "user":
			s.values["session_authorization"] = v
			continue
		case "database", "replication", "options":
			continue
		}
		if strings.HasPrefix(k, "_pq_.") {
			continue
		}
		if err := s.set(k, v); err != nil {
			return err
		}
	}
	s.initial = map[string]string{}
	for k, v := range s.values {
		s.initial[k] = v
	}
	s.changed = nil
	return nil
}

func (s *settings) get(name string) string { return s.values[name] }

// withPrefix returns the settings whose names begin so; nil if there are none.
func (s *settings) withPrefix(prefix string) map[string]string {
	var out map[string]string
	for k, v := range s.values {
		if strings.HasPrefix(k, prefix) {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = v
		}
	}
	return out
}

func (s *settings) lookup(name string) (string, bool) {
	v, ok := s.values[strings.ToLower(name)]
	return v, ok
}

// set changes a parameter after checking its value.
func (s *settings) set(name, value string) error {
	name = strings.ToLower(name)
	if slices.Contains(fixedSettings, name) {
		return pgerr.New(pgerr.CantChangeRuntimeParam, "parameter %q cannot be changed", name)
	}
	v, err := checkSetting(name, value)
	if err != nil {
		return err
	}
	if s.values[name] == v {
		return nil
	}
	s.values[name] = v
	s.changed = append(s.changed, name)
	s.format = s.makeFormat()
	return nil
}

// checkSetting normalises a value, or refuses it as PostgreSQL does.
func checkSetting(name, v string) (string, error) {
	bad := func() (string, error) {
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", name, v)
	}
	switch name {
	case "timezone":
		if _, err := loadZone(v); err != nil {
			return bad()
		}
	case "datestyle":
		return dateStyle(v)
	case "intervalstyle":
		l := strings.ToLower(v)
		if !slices.Contains([]string{"postgres", "postgres_verbose", "sql_standard", "iso_8601"}, l) {
			return bad()
		}
		return l, nil
	case "client_encoding":
		l := strings.ToLower(strings.ReplaceAll(strings.Trim(v, "'"), "-", ""))
		if l != "utf8" && l != "unicode" && l != "sqlascii" && l != "sql_ascii" {
			return "", pgerr.New(pgerr.FeatureNotSupported, "client encoding %q is not supported", v).WithHint("Use UTF8.")
		}
		return "UTF8", nil
	case "extra_float_digits", "statement_timeout":
		n, err := settingNumber(v)
		if err != nil {
			return bad()
		}
		return strconv.FormatInt(n, 10), nil
	case "bytea_output":
		if v != "hex" && v != "escape" {
			return bad()
		}
	case "dialect":
		l := strings.ToLower(v)
		if l == "ksqldb" {
			l = "ksql"
		}
		if l != "postgres" && l != "ksql" {
			return "", pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", name, v).
				WithHint("Available values: postgres, ksql.")
		}
		return l, nil
	case "standard_conforming_strings":
		if l := strings.ToLower(v); l == "off" || l == "false" || l == "0" {
			return "", pgerr.Unsupported(pgerr.NoPos, "standard_conforming_strings = off")
		}
		return "on", nil
	}
	return v, nil
}

// settingNumber reads a number, with PostgreSQL's time units as milliseconds.
func settingNumber(v string) (int64, error) {
	v = strings.TrimSpace(v)
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return n, nil
	}
	d, err := time.ParseDuration(strings.ReplaceAll(strings.ReplaceAll(v, "min", "m"), " ", ""))
	return d.Milliseconds(), err
}

// dateStyle reads "ISO", "ISO, MDY", "German" …
func dateStyle(v string) (string, error) {
	style, order := "ISO", "MDY"
	for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch strings.ToLower(w) {
		case "iso":
			style = "ISO"
		case "sql":
			style = "SQL"
		case "german":
			style = "German"
		case "postgres":
			style = "Postgres"
		case "mdy", "us", "noneuropean":
			order = "MDY"
		case "dmy", "european":
			order = "DMY"
		case "ymd":
			order = "YMD"
		case "default":
		default:
			return "", pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter \"DateStyle\": %q", v)
		}
	}
	return style + ", " + order, nil
}

func loadZone(v string) (*time.Location, error) {
	switch strings.ToLower(v) {
	case "utc", "gmt", "zulu", "default", "local", "localtime":
		return time.UTC, nil
	}
	if n, err := strconv.ParseFloat(v, 64); err == nil {
		return time.FixedZone("", int(n*3600)), nil
	}
	return time.LoadLocation(v)
}

// makeFormat builds the Format of the current values, which were all checked.
func (s *settings) makeFormat() *types.Format {
	loc, _ := loadZone(s.values["timezone"])
	style, order, _ := strings.Cut(s.values["datestyle"], ", ")
	digits, _ := strconv.Atoi(s.values["extra_float_digits"])
	return &types.Format{Loc: loc, DateStyle: style, DateOrder: order, IntervalStyle: s.values["intervalstyle"],
		ExtraFloatDigits: digits, ByteaEscape: s.values["bytea_output"] == "escape", ObjectName: s.names}
}

// setLocal is SET LOCAL: the value until the transaction ends.
func (s *settings) setLocal(name, value string) error {
	name = strings.ToLower(name)
	before, known := s.values[name]
	if err := s.set(name, value); err != nil {
		return err
	}
	if _, ok := s.local[name]; !ok {
		s.local[name] = before
		if !known {
			s.strange = append(s.strange, name)
		}
	}
	return nil
}

// endLocal puts back what SET LOCAL changed.
func (s *settings) endLocal() {
	for k, v := range s.local {
		_ = s.set(k, v) // it was valid before
		delete(s.local, k)
	}
	for _, k := range s.strange {
		delete(s.values, k)
	}
	s.strange = nil
}

// settingsMark is what the settings were at a savepoint.
type settingsMark struct {
	values, local map[string]string
	strange       []string
}

func (s *settings) mark() settingsMark {
	return settingsMark{maps.Clone(s.values), maps.Clone(s.local), slices.Clone(s.strange)}
}

// restore goes back to a mark: every SET since is taken back.
func (s *settings) restore(m settingsMark) {
	for k := range s.values {
		if _, ok := m.values[k]; !ok {
			delete(s.values, k)
		}
	}
	for k, v := range m.values {
		_ = s.set(k, v) // it was valid before
	}
	s.local, s.strange = maps.Clone(m.local), slices.Clone(m.strange)
}

// begin remembers the values: ROLLBACK takes back every SET since.
func (s *settings) begin() { s.before = maps.Clone(s.values) }

// end ends a transaction block: SET LOCAL ends with it, and without a COMMIT every other SET.
func (s *settings) end(committed bool) {
	s.endLocal()
	before := s.before
	s.before = nil
	if committed || before == nil {
		return
	}
	for k := range s.values {
		if v, ok := before[k]; ok {
			_ = s.set(k, v) // it was valid before
		} else {
			delete(s.values, k)
		}
	}
	for k, v := range before {
		_ = s.set(k, v) // what RESET had removed
	}
}

// reset puts a parameter back to its value at startup; "all" every one.
func (s *settings) reset(name string) error {
	name = strings.ToLower(name)
	if name != "all" {
		v, ok := s.initial[name]
		if !ok {
			delete(s.values, name)
			return nil
		}
		return s.set(name, v)
	}
	for k := range s.values {
		if v, ok := s.initial[k]; ok {
			if s.values[k] != v {
				if err := s.set(k, v); err != nil {
					return err
				}
			}
		} else {
			delete(s.values, k)
		}
	}
	return nil
}

func (s *settings) reported() []session.Setting {
	out := make([]session.Setting, 0, len(reportedNames))
	for _, n := range reportedNames {
		out = append(out, session.Setting{Name: n, Value: s.values[strings.ToLower(n)]})
	}
	return out
}

func (s *settings) takeChanged() []session.Setting {
	var out []session.Setting
	for _, n := range reportedNames {
		if slices.Contains(s.changed, strings.ToLower(n)) {
			out = append(out, session.Setting{Name: n, Value: s.values[strings.ToLower(n)]})
		}
	}
	s.changed = s.changed[:0]
	return out
}

// all lists every parameter by name.
func (s *settings) all() [][2]string {
	out := make([][2]string, 0, len(s.values))
	for k, v := range s.values {
		out = append(out, [2]string{k, v})
	}
	sort.Slice(out, func(i, j int) bool { return out[i][0] < out[j][0] })
	return out
}
