package planner

import (
	"strings"
	"testing"
)

// ksqlScalars are calls of ksqlDB's 129 scalar functions.
const ksqlScalars = `
abs(-1) | acos(1) | asin(1) | atan(1) | atan2(1, 1) | cbrt(8) | ceil(1.5) | cos(1) | cosh(1) | cot(1) | degrees(1) | exp(1) | floor(1.5)
greatest(1, 2) | least(1, 2) | ln(1) | log(2) | pi() | power(2, 3) | radians(1) | random() | round(1.5) | sign(-1) | sin(1) | sinh(1) | sqrt(4) | tan(1)
tanh(1) | trunc(1.5) | coalesce(NULL, 1) | ifnull(NULL, 1) | nullif(1, 2) | as_value(1)
array_concat(ARRAY[1], ARRAY[2]) | array_distinct(ARRAY[1]) | array_except(ARRAY[1], ARRAY[2]) | array_intersect(ARRAY[1], ARRAY[1]) | array_join(ARRAY[1], ',')
array_length(ARRAY[1]) | array_max(ARRAY[1]) | array_min(ARRAY[1]) | array_remove(ARRAY[1], 1) | array_sort(ARRAY[1]) | array_union(ARRAY[1], ARRAY[2])
entries(MAP('a' := 1), true) | generate_series(1, 3) | array_contains(ARRAY[1], 1) | slice(ARRAY[1, 2], 1, 1)
as_map(ARRAY['a'], ARRAY[1]) | map_keys(MAP('a' := 1)) | map_union(MAP('a' := 1), MAP('b' := 2)) | map_values(MAP('a' := 1))
filter(ARRAY[1, 2], x => x > 1) | reduce(ARRAY[1], 0, (s, x) => s + x) | transform(ARRAY[1], x => x + 1)
bigint_from_bytes(to_bytes('0000000000000001', 'hex')) | double_from_bytes(to_bytes('0000000000000001', 'hex')) | int_from_bytes(to_bytes('00000001', 'hex'))
convert_tz(from_unixtime(0), 'UTC', '+01:00') | dateadd(DAYS, 1, from_days(1)) | datesub(DAYS, 1, from_days(1)) | datetostring(1, 'yyyy') | format_date(from_days(1), 'yyyy')
format_time(parse_time('10:00', 'HH:mm'), 'HH') | format_timestamp(from_unixtime(0), 'yyyy') | from_days(1) | from_unixtime(0) | parse_date('2020', 'yyyy') | parse_time('10', 'HH')
parse_timestamp('2020', 'yyyy') | stringtodate('2020-01-01', 'yyyy-MM-dd') | stringtotimestamp('2020', 'yyyy') | timeadd(HOURS, 1, parse_time('10', 'HH')) | timesub(HOURS, 1, parse_time('10', 'HH'))
timestampadd(HOURS, 1, from_unixtime(0)) | timestampsub(HOURS, 1, from_unixtime(0)) | timestamptostring(0, 'yyyy') | unix_date() | unix_timestamp()
geo_distance(1, 2, 3, 4)
extractjsonfield('{"a": 1}', '$.a') | is_json_string('1') | json_array_contains('[1]', 1) | json_array_length('[1]') | json_concat('{}', '{}') | json_items('[{}]') | json_keys('{"a": 1}')
json_records('{"a": 1}') | to_json_string(1)
chr(65) | concat('a', 'b') | concat_ws('-', 'a', 'b') | elt(1, 'a', 'b') | encode('4142', 'hex', 'utf8') | field('a', 'b', 'a') | from_bytes(to_bytes('a', 'utf8'), 'hex') | initcap('a') | instr('ab', 'b')
lcase('A') | len('a') | lpad('a', 2, 'b') | mask('a') | mask_keep_left('ab', 1) | mask_keep_right('ab', 1) | mask_left('ab', 1) | mask_right('ab', 1) | md5('a')
regexp_extract('a.', 'xab') | regexp_extract_all('a.', 'xab') | regexp_replace('ab', 'a', 'c') | regexp_split_to_array('ab', 'x') | replace('ab', 'a', 'c') | rpad('a', 2, 'b') | split('a,b', ',')
split_to_map('a=1;b=2', ';', '=') | substring('abc', 2) | to_bytes('a', 'utf8') | trim(' a ') | ucase('a') | uuid()
url_decode_param('a') | url_encode_param('a') | url_extract_fragment('http://a/#b') | url_extract_host('http://a/') | url_extract_parameter('http://a/?b=c', 'b') | url_extract_path('http://a/b')
url_extract_port('http://a:1/') | url_extract_protocol('http://a/') | url_extract_query('http://a/?b')`

// TestScalarsKSQL: each of ksqlDB's scalar functions is found by the ksql dialect and gives a value.
func TestScalarsKSQL(t *testing.T) {
	names := map[string]bool{}
	for line := range strings.Lines(ksqlScalars) {
		for call := range strings.SplitSeq(strings.TrimSpace(line), " | ") {
			name, _, ok := strings.Cut(call, "(")
			if !ok {
				continue
			}
			names[name] = true
			if got, err := evalKSQL(t, call); err != nil {
				t.Errorf("%s: %v", call, err)
			} else if got == "NULL" {
				t.Errorf("%s is NULL", call)
			}
			if _, err := evalKSQL(t, strings.ToUpper(name)+call[len(name):]); err != nil {
				t.Errorf("%s in capitals: %v", call, err)
			}
		}
	}
	if len(names) != 129 {
		t.Errorf("%d functions, ksqlDB has 129", len(names))
	}
}
