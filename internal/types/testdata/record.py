#!/usr/bin/env python3
"""Records testdata/*.golden from a PostgreSQL 15 (PGHOST, PGPORT, PGUSER): run it here, then read the diff.

Each line of a golden file: settings, name, argument 1, argument 2, SQLSTATE, result or message; tab separated, in COPY's
text format. `name` is a type (text.golden: input function, then output function), a type (binary.golden: send function,
in hexadecimal) or an operation of TEMPLATES (ops.golden). Cases are made from a fixed seed.
"""
import random, subprocess, sys

rng = random.Random(15)
TEMPLATES = {
    'add': '%1::numeric + %2::numeric', 'sub': '%1::numeric - %2::numeric', 'mul': '%1::numeric * %2::numeric',
    'div': '%1::numeric / %2::numeric', 'mod': '%1::numeric % %2::numeric', 'round': 'round(%1::numeric, %2::int)',
    'trunc': 'trunc(%1::numeric, %2::int)', 'floor': 'floor(%1::numeric)', 'ceil': 'ceil(%1::numeric)',
    'numeric_cmp': 'numeric_cmp(%1::numeric, %2::numeric)', 'numeric_int8': '%1::numeric::bigint',
    'numeric_float8': '%1::numeric::float8', 'float8_numeric': '%1::float8::numeric', 'float4_numeric': '%1::float4::numeric',
    'ts_add': '%1::timestamp + %2::interval', 'tstz_add': '%1::timestamptz + %2::interval', 'ts_sub': '%1::timestamp - %2::timestamp',
    'age': 'age(%1::timestamp, %2::timestamp)', 'time_add': '%1::time + %2::interval',
    'trunc_ts': 'date_trunc(%1, %2::timestamp)', 'trunc_tstz': 'date_trunc(%1, %2::timestamptz)', 'trunc_span': 'date_trunc(%1, %2::interval)',
    'bin': "date_bin(%1::interval, %2::timestamp, '2001-01-01')",
    'justify_hours': 'justify_hours(%1::interval)', 'justify_days': 'justify_days(%1::interval)', 'justify_interval': 'justify_interval(%1::interval)',
    'span_add': '%1::interval + %2::interval', 'span_sub': '%1::interval - %2::interval', 'span_neg': '- %1::interval',
    'span_mul': '%1::interval * %2::float8', 'span_div': '%1::interval / %2::float8', 'span_cmp': 'interval_cmp(%1::interval, %2::interval)',
    'jsonb_cmp': 'sign(jsonb_cmp(%1::jsonb, %2::jsonb))', 'int4s_cmp': 'sign(btarraycmp(%1::int4[], %2::int4[]))', 'texts_cmp': 'sign(btarraycmp(%1::text[], %2::text[]))',
    'make_date': "make_date(split_part(%1,',',1)::int, split_part(%1,',',2)::int, split_part(%1,',',3)::int)",
    'make_time': "make_time(split_part(%1,',',1)::int, split_part(%1,',',2)::int, split_part(%1,',',3)::float8)",
}
TEMPLATES.update({'inet_cmp': 'sign(network_cmp(%1::inet, %2::inet))', 'bit_cmp': 'sign(bitcmp(%1::"bit", %2::"bit"))', 'timetz_cmp': 'timetz_cmp(%1::timetz, %2::timetz)', 'timetz_add': '%1::timetz + %2::interval'})
for t in 'date time timestamp timestamptz interval timetz'.split():
    TEMPLATES['extract_' + t] = "extract(_FIELD_ from %2::" + t + ")"

text, ops, binary = [], [], []
def T(typ, *inputs, s=''):
    text.extend((s, typ, i, '') for i in inputs)
def O(name, a, b='', s=''):
    ops.append((s, name, a, b))

T('boolean', *'t f true false TRUE tr y n yes no on off of o 1 0 2 10 maybe'.split(), ' true ', '')
for t in ('smallint', 'integer', 'bigint'):
    T(t, '0', '-0', '+7', ' 42 ', '32767', '32768', '-32768', '-32769', '2147483647', '2147483648', '-2147483648', '-2147483649',
      '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '1.5', '1e3', 'abc', '', '-', '+', '1 2', '0x10', '1_000', '00012', '99999999999999999999999')
T('oid', '0', '4294967295', '4294967296', '-1', 'x', ' 12 ')
floats = '0 -0 1 -1 0.1 1.5 100000 999999 1000000 1e6 123456789 1e14 1e15 123456789012345 1234567890123456 12345678901234567890 0.0001 0.00001 1e-4 9.9999e-5 1e20 1e-20 1e308 1e309 -1e309 1e-307 5e-324 1e-400 3.4028235e38 3.5e38 1e-45 1e-46 0.3 2.5 NaN nan inf -inf Infinity -Infinity +inf +Infinity abc 1.5.2 1e 1e+ .5 5. . 1.0e10 16777217 33554432 0.1234567890123456789'.split() + ['', ' 1.5 ', '1 2', '- 1']
for i in range(60):
    floats.append(repr(rng.choice([rng.uniform(-1e6, 1e6), rng.uniform(-1, 1), rng.random() * 10 ** rng.randint(-30, 30)])))
T('double precision', *floats); T('real', *floats)
for efd in ('0', '-3', '-15', '-20'):
    T('double precision', *[f for f in floats[:25] if f != '1e309'], s='extra_float_digits=%s' % max(int(efd), -15)); T('real', *floats[:25], s='extra_float_digits=%s' % max(int(efd), -15))
nums = '0 -0 0.0 0.00 1 -1 +1 1.0 1.50 -1.5 00012.500 .5 5. . 1e3 1E-3 1.5e2 1e-20 1.23e+5 123456789012345678 1234567890123456789 9223372036854775807 9223372036854775808 -9223372036854775808 12345678901234567890.12345678901234567890 NaN nan inf -inf Infinity -infinity +inf +nan -nan abc 1e 1e+ 1.2.3 1e20000 1e131071 1e131072 1e-16383 1e-16384 0e-20000 1_0 0x1'.split() + ['', ' 1.5 ', '1 5', '- 1', '1e10000000000', '1e99999999999999999999']
T('numeric', *[n for n in nums if n not in ('1e131071', '1e-16383')])
for m in ('numeric(5,2)', 'numeric(3)', 'numeric(10,0)', 'numeric(3,3)', 'numeric(3,-2)'):
    T(m, *'0 1.005 -1.005 999.994 999.995 -999.995 1000 0.0004 0.9994 0.9995 12345 99949 99950 NaN inf 1e10'.split())
T('text', 'a', '', ' a b ', 'é✓', "it's"); T('varchar(3)', 'abc', 'abcd', 'abc  ', 'éé✓', 'ééé✓'); T('char(3)', 'a', 'abc', 'abc ', 'abcd', '', 'é'); T('name', 'a' * 70, 'é' * 40, 'x')
T('bytea', r'\x', r'\x0102ff', r'\xAb Cd', r'\x1', r'\xzz', r'abc\\d', r'\001\377', r'\400', 'abc', r'a\b', '', '\\x0é')
T('bytea', r'\x00015c41ff7e7f', r'abc\\', s='bytea_output=escape')
T('uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}', 'a0eebc999c0b4ef8bb6d6bb9bd380a11', 'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11', 'a0eebc99', 'g0eebc999c0b4ef8bb6d6bb9bd380a11', '{a0eebc999c0b4ef8bb6d6bb9bd380a11', '', 'a0eebc999c0b4ef8bb6d6bb9bd380a11-')
dates = '''2000-01-01;1999-12-31;0001-01-01;0001-12-31 BC;4714-11-24 BC;4714-11-23 BC;5874897-12-31;5874898-01-01;infinity;-infinity;epoch;1999-01-08;January 8, 1999;1/8/1999;1/18/1999;18/1/1999;01/02/03;1999-Jan-08;Jan-08-1999;08-Jan-1999;08-Jan-99;99-Jan-08;19990108;990108;1999.008;J2451187;January 8, 99 BC;2000-02-29;1900-02-29;2001-02-29;2000-13-01;2000-00-10;2000-01-32;2000-01-00;0000-01-01;2000-1-1;2000-1-1 10:00;8 Jan 1999;Jan 8 1999 BC;1999 Jan 8;2000-01-01 BC;Fri Jan 08 1999;abc;;2000;2000-01;10:00;2000-01-01T10:00:00Z;12.31.1999;31.12.1999;2000/01/02;20000230;1-1-1;70-01-01;69-01-01;12345-01-01;feb 30 2000;2000-01-01 foo;+infinity;j;2000-060;sept 5 2001;5 september 2001'''.split(';')
T('date', *dates)
for s in ('datestyle=ISO, DMY', 'datestyle=ISO, YMD', 'datestyle=SQL, MDY', 'datestyle=SQL, DMY', 'datestyle=German, DMY', 'datestyle=Postgres, MDY', 'datestyle=Postgres, DMY'):
    T('date', *dates[:28], s=s)
times = '''00:00;00:00:00;23:59:59;24:00:00;24:00:01;25:00;12:60;12:30:60;12:30:61;04:05:06.789;04:05:06.7891234;04:05:06.9999999;040506;0405;040506.789;04:05 AM;04:05 PM;12:00 AM;12:00 PM;13:00 PM;04:05:06-08;04:05:06 PST;04:05:06 America/New_York;2003-04-12 04:05:06;2003-04-12 04:05:06 America/New_York;abc;;1;12;1:2:3;04:05:06.5 pm;allballs;T040506;t04:05;04:05:;:05;-04:05;4:5;04:05:06.;23:59:59.9999999'''.split(';')
T('time', *times); T('time(2)', '04:05:06.789', '04:05:06.785', '04:05:06.784', '23:59:59.999')
stamps = '''2000-01-01 00:00:00;2000-01-01;2000-01-01 12:34:56.789;2000-01-01 12:34:56.7891239;1999-12-31T23:59:59.999999;2000-01-01T00:00:00Z;2000-01-01T00:00:00+02;2000-01-01T00:00:00+02:30;2000-01-01 00:00:00-0330;2000-01-01 00:00:00 -3;2000-01-01 00:00:00 PST;2000-07-01 00:00:00 PDT;2000-07-01 12:00 America/New_York;2000-07-01 12:00 america/new_york;2000-07-01 12:00 Europe/Berlin;2000-07-01 12:00 EST5EDT;2000-07-01 12:00 foo/bar;2000-07-01 12:00 foo;0001-01-01 00:00:00 BC;4714-11-24 00:00:00 BC;4714-11-23 23:59:59 BC;294276-12-31 23:59:59.999999;294277-01-01 00:00:00;infinity;-infinity;epoch;Jan 8 1999 04:05:06;Wed Dec 17 07:37:16 1997 PST;17 Dec 1997 07:37:16.5;20000101 123456;20000101T123456;20000101T123456.5;20000101T1234;19990108 040506;2000-01-01 24:00:00;2000-01-01 24:00:01;2000-01-01 23:59:60;2000-01-01 23:60;2000-01-01 25:00;2000-02-30 10:00;2000-01-01 10:00 PM;2000-01-01 13:00 PM;2000-01-01 10:00 BC;abc;;10:00;2000-01-01 10;2000-01-01 10:00:00+16;2000-01-01 10:00:00+15:59;2000-01-01 10:00:00+5:60;2000-01-01 10:00:00.1234565;2000-01-01 10:00:00.1234575;1/2/2003 4:5;2000-01-01 10:00:00 UTC;2000-01-01 10:00:00z;2000-01-01t10:00:00;2000-01-01  10:00:00;2000-01-01 10:00:00 +02:00:30;2000-01-01 2000-01-02;2000-01-01 10:00 11:00;J2451187 10:00;2000-06-01 10:00 EST EDT;2000-03-26 02:30 Europe/Berlin;2000-10-29 02:30 Europe/Berlin;1900-01-01 00:00 Europe/Amsterdam;2000-01-01 10:00:00.5+00;2000-01-01 10:00:00,5;1999-08-06 05:06:07.1 -07;2000-12-31 10:00 at'''.split(';')
T('timestamp without time zone', *stamps); T('timestamp with time zone', *stamps)
T('timestamp(3) without time zone', '2000-01-01 10:00:00.1235', '2000-01-01 10:00:00.1234', '1999-01-01 10:00:00.1235', '1999-01-01 10:00:00.9996')
for z in ('America/New_York', 'Asia/Kolkata', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Pacific/Apia'):
    T('timestamp with time zone', '2000-01-01 00:00:00', '2000-07-01 12:00:00', '2021-03-14 02:30:00', '2021-03-14 01:59:59', '2021-03-14 03:00:00', '2021-11-07 01:30:00', '2021-11-07 00:59:59', '2021-11-07 02:00:00', '2021-03-28 02:30', '2021-10-31 02:30', '1850-01-01 00:00', '1883-11-18 12:01', '2100-07-01 00:00', '2000-01-01 00:00:00Z', '0044-03-15 12:00 BC', '2011-12-30 12:00', '2018-11-04 00:30', s='timezone=' + z)
for st in ('SQL, MDY', 'SQL, DMY', 'German, DMY', 'Postgres, MDY', 'Postgres, DMY', 'ISO, DMY'):
    for z in ('UTC', 'America/New_York'):
        T('timestamp with time zone', '2000-01-02 03:04:05.6', '2000-07-02 03:04:05', '0044-03-05 12:00 BC', 'infinity', s='datestyle=%s;timezone=%s' % (st, z))
    T('timestamp without time zone', '2000-01-02 03:04:05.6', '0044-03-05 12:00 BC', '1/2/2003 4:5', s='datestyle=' + st)
spans = '''1 day;1 year;2 years;-1 year;1 mon;14 months;1 year 2 mons 3 days 04:05:06.789;-1 year -2 mons +3 days -04:05:06;1 day -1 hour;0;00:00:00;1;1.5;1:30;1:2:3;-1:2:3;1 2:03:04;-1 2:03:04;1-2;-1-2;1-2 3 4:05:06;+1-2 -3 +4:05:06;P1Y2M3DT4H5M6S;P1Y;PT0S;P;PT;P1W;P-1Y;PT1.5S;P0001-02-03T04:05:06;1.5 days;1.5 months;1.5 years;0.1 month;1.25 weeks;1.5 hours;1 hour 1 minute 1 second;1h 2m 3s;1 hour ago;@ 1 year 2 mons -3 days 4 hours 5 mins 6 secs ago;1 day ago;1 decade;1 century;1 millennium;1.5 century;1 week;2 weeks 3 days;1 ms;1 us;1.5 ms;100 microseconds;1.0000005 seconds;1 day 2 days;1 foo;abc;;1 year 1;1:60;25:00;1:2:61;100000:00:00;178956970 years 7 mons;178956971 years;2147483647 days;2147483648 days;9223372036854 seconds;1 quarter;infinity;1 mon -1 day;-1 mon 1 day;1 day 1;5 days 10:30;- 5 days;1 day,2 hours;00:00:00.000001;23:59:59.9999999;1 mil;1 c;1 dec;1 y;1 mons 1 mon;3 4:05;1 month 1.5;P1.5D;PT36H;P1Y2M10DT2H30M;-P1Y;P1;1 year 2:3;hour;1 hour 30;.5 day;2147483647 mons;-2147483648 mons;1e3 days;1 second 1 millisecond;1 day 25:00;1 julian;2 days ago ago'''.split(';')
T('interval', *spans)
for st in ('postgres_verbose', 'sql_standard', 'iso_8601'):
    T('interval', *spans[:48], s='intervalstyle=' + st)
jsons = ['1', '"a"', 'null', 'true', ' [ 1 , 2 ] ', '{"b":1,"a":2}', '{"a":1,"a":2}', '{"aa":1,"b":{"d":[],"c":{}}}', '"\\u00e9\\n\\t\\u0001\\/"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\ud83d\\ud83d"', '"\\u0000"', '"\\x"', '"\\u12"', '1.50', '1e2', '1E-2', '-0', '-0.0', '01', '1.', '.5', '-', '+1', '[1,]', '[,1]', '{"a"}', '{"a":}', '{a:1}', '{"a":1,}', '[1 2]', '', '  ', '[', '{', '"abc', 'tru', 'nulll', '1 2', '[1]]', '{"a":1}}', '"a\x01b"', '1e400000', '[[[[]]]]', '{"":1}', 'NaN', "'a'", '"é"', '{"a":[1,{"b":null}]}', '"\\"', '[1,2', '{"a":1', '{"a":1 "b"}', '123abc', '{1:2}', '@', '[true,false,null]', '"\\ud83dx"', '1.5e', '--1', '"\\u00"']
T('json', *jsons); T('jsonb', *jsons)
T('integer[]', '{}', '{1}', '{1,NULL,3}', ' { 1 , 2 } ', '{{1,2},{3,4}}', '{{1},{2,3}}', '{{{1}}}', '{1,{2}}', '{{1},2}', '{1', '1}', '{1}}', 'abc', '', '{1,}', '{,1}', '{a}', '{"1"}', '[1:2]={1,2}', '{null}', '{{},{}}', '{1 2}', '{{1,2}', '{""}', '{{{{{{{1}}}}}}}')
T('text[]', '{a,b}', '{"a b"}', '{"a\\"b"}', '{"a\\\\b"}', '{NULL,"NULL",null}', '{"",a}', '{a b}', '{ a b }', '{"{"}', '{a\\,b}', '{"a,b"}', "{it's}", '{a"b}', '{"a"b}', '{é}', '{"\t"}', '{a{b}')
T('boolean[]', '{t,f,NULL}', '{true}'); T('timestamp without time zone[]', '{2000-01-01,"2000-01-02 03:04:05"}'); T('numeric[]', '{1.50,NaN}'); T('interval[]', '{1 day,"1 mon"}'); T('jsonb[]', '{"{\\"a\\":1}",1}'); T('double precision[]', '{1e20,-0}'); T('bytea[]', '{"\\\\x01"}'); T('date[]', '{2000-01-01}')

bitstrings = '0 1 101 b101 B1 x1F X0a 00000000 11111111 101010101 xfg b12 2 x b'.split() + ['', ' 1', '1 ', '1é']
T('"bit"', *bitstrings); T('varbit', *bitstrings); T('bit(4)', '1010', '101', '10101', 'xA'); T('varbit(4)', '1010', '101', '10101', 'x1F', ''); T('bit', '1', '11')
addrs = '10.1.2.3;10.1.2.3/8;10.1.2.3/32;0.0.0.0/0;10.1.2.3.;10/8;10;10.1;10.1/16;10.1/15;10.1/24;192.168.1.5/24;192.168.1.0/24;224.0.0.0;224;240.1;128.1;192.1;255.255.255.255;256.1.1.1;1.2.3.4.5;1.2.3.4/33;1.2.3.4/;1.2.3.4/08;1..2;0x0a010203;0xa01;0x1g;0x;::;::1;::/0;::1/128;1:2:3:4:5:6:7:8;1:2:3:4:5:6:7::;::2:3:4:5:6:7:8;1::8;1:0:0:4:0:0:0:8;1:0:0:0:5:0:0:0;2001:db8::/32;2001:DB8::1/64;::ffff:1.2.3.4;::ffff:1.2.3.4/96;::1.2.3.4;::1.2.3.04;::ffff:123.4;::ffff:1..3.4;::1.2.3.;::1.2.3./96;::ffff:1.;::.1;::1.2.3.4.5;1:2:3:4:5:6:7:1.2;::fff.1;1:2:3:4:5:6:1.2.3.4;1:2:3:4:5:6:7:1.2.3.4;::1/129;::1/01;12345::;1:2;1::2::3;:1;1:;:::;::g;fe80::1%eth0;1.2.3.4:5;abc'.split(';') + ['', ' 1.2.3.4', '1.2.3.4 ']
T('inet', *addrs); T('cidr', *addrs)
T('macaddr', '08:00:2b:01:02:03', '08-00-2B-01-02-03', '08002b:010203', '08002b-010203', '0800.2b01.0203', '0800-2b01-0203', '08002b010203', '8:0:2b:1:2:3', '08:00:2b:01:02', '08:00:2b:01:02:03:04', '08002b01020', ' 08:00:2b:01:02:03 ', '08:00:2b:01:02:0g', '', '0800:2b01:0203', '08:00-2b:01:02:03', '8002b010203')
ttimes = times + '04:05:06 Z;04:05:06+05:30;04:05-8;040506-08;04:05 EST;04:05 America/New_York;2003-07-12 04:05 America/New_York;2003-01-12 04:05 America/New_York;04:05 Asia/Kolkata;04:05:06.789+02:30:15;04:05+16;04:05+15:59;24:00+01;23:59:60+01;1:2:3.5 PM PDT'.split(';')
ttimes = [t for t in ttimes if t != '04:05:06 America/New_York']
T('time with time zone', *ttimes); T('time(2) with time zone', '04:05:06.785+01', '23:59:59.999Z'); T('time(0) with time zone', '04:05:06.5Z', '04:05:06.4Z')
for t in ('timestamp(0) without time zone', 'timestamp(6) with time zone', 'time(0) without time zone'):
    T(t, '2000-01-01 10:00:00.5', '2000-01-01 10:00:01.5', '1999-01-01 10:00:00.4999999')
T('interval(0)', '1.5 seconds', '2.5 seconds', '-1.5 seconds', '1 day 00:00:00.4'); T('interval(3)', '1.2345 seconds', '1 mon 00:00:00.9996'); T('interval second(1)', '1.25')
T('bit(3)[]', '{101,NULL,x7}', '{"010"}'); T('inet[]', '{1.2.3.4,::1,NULL}', '{10.0.0.0/8}'); T('cidr[]', '{10.0.0.0/8}'); T('time with time zone[]', '{04:05+01}'); T('macaddr[]', '{08:00:2b:01:02:03}'); T('varbit[]', '{1,"",0101}')
T('"char"', 'a', 'ab', '', 'é', '\\101', '\\377', '\\4', '\\400'); T('"char"[]', '{a,bc,""}'); T('name[]', '{a,"b c"}')

paths = r"""$;@;last;$.a;$.a.b;$."a b";$a;$"a b".c;$.*;$[*];$[0];$[0,1 to 3, last];$[last - 1];$.**;$.**{2};$.**{1 to 3};$.**{last};$.**{last to 5};$.**{2 to last}.a;strict $.a;lax $.a;STRICT $.b;strict;lax;1;-1;+1;-$.a;+$.a;-(1).abs();(-1).abs();-"a";1.5;.5;1.;1.e;1e3;1E-3;1e;1e+;1a;0012;00;0x1;1.5.type();(1.5).type();1 + 2;1 + 2 * 3;(1 + 2) * 3;1 - 2 - 3;1 - (2 - 3);-1 - -2;$.a - 1;$.a-b;$.a * $.b / 2 % 3;$ ? (@ > 1);$ ? (@.a == 1 && @.b != 2 || !(@.c <> 3));$ ? ((@.a == 1) is unknown);$ ? (exists(@.a));$ ? (!exists(@.a ? (@ > 1)));$ ? (@ starts with "a");$ ? (@ starts with $x);$ ? (@ starts with 1);$ ? (@ like_regex "^a.*");$ ? (@ like_regex "a" flag "i");$ ? (@ like_regex "a" flag "qimss");$ ? (@ like_regex "a" flag "x");$ ? (@ like_regex "a" flag "xq");$ ? (@ like_regex "a" flag "z");$ ? (@ like_regex "(");$ ? (1);$ ? ();$ ?;($.a == 1).type();$.a == 1;!($.a == 1);!$.a;!(1);(((1)));((1 == 1));1 == 2 == 3;(1 == 1) == (1 == 1);1 && 2;(1 == 1) && (2 == 2) || (3 == 3);1 + (2 == 2);$.type();$.size().abs().floor().ceiling().double().keyvalue();$.datetime();$.datetime("yyyy-mm-dd");$.datetime(1);$.foo();$.TYPE();$.type;$.exists;$.true;$.null.to.last.is.strict;TRUE;true;false;null;NULL;"abc";"a\"b\\c\/d";"\b\f\n\r\t\v";"\x41\u0042\u{43}";"\ud83d\ude00";"\ud83d";"\u0000";"\xzz";"\u12";"abc;$."a\u0041";$.a\tb;$.\u0061bc;a;$ a;$.;$..a;$[;$[];$[1;$[a];$[1 to];$[*;$.a[0].b[*].c;$ . a [ 0 ];/* c */ $ /* d */ . a;$/*;$.a /**/ b;@.a;$[@];$ ? (@[last] > 1);$ ? (last == 1);exists($);exists($.a) && exists($.b);exists(1 == 1);exists($).type();($).a.b;($.a).b;($ + 1).type();$.a.(1);$.1;$."1";$.é.ü;"é";1 to 2;(1;1);,;$.a,;$ & 1;$ | 1;$ = 1;#;$.a ? (@ == "x").b;$ ? (@ ? (@ > 1) == 2);$x + $y;$ ? ($x == @);$.**.a ? (@.b > 1);-$.a.b;- - 1;+ - $.a;1--1;1+-1;2*-$.a;$ ? (@.a like_regex "x" && @.b starts with "y");(@ == 1) is unknown;$ ? (@ == 1 is unknown);$ ? ((1 == 1) is unknown && 2 == 2);$.a[1 to 2, $.b, last]""".split(';') + ['', ' ', '$ ', ' $.a ', '$.a ? (@ == 1;)', '"a;b"', '$.a\t.b\n']
T('jsonpath', *paths)

def num():
    k = rng.randint(0, 9)
    if k == 0: return rng.choice(['0', '0.00', 'NaN', 'Infinity', '-Infinity', '1', '-1', '0.5', '-0.5'])
    if k <= 2: return str(rng.randint(-10 ** rng.randint(1, 18), 10 ** rng.randint(1, 18)))
    if k == 3: return '%d.%0*d' % (rng.randint(-10 ** 25, 10 ** 25), 12, rng.randint(0, 10 ** 12 - 1))
    s = '%d.%0*d' % (rng.randint(0, 10 ** rng.randint(0, 8)), rng.randint(1, 9), rng.randint(0, 10 ** 6))
    return rng.choice(['-', '']) + s
edge = ['0', '0.00', '1', '-1', '0.5', '3', '7', '9999', '10000', '10001', '0.0001', '0.00001', '9223372036854775807', '-9223372036854775808', '99999999999999999999.99', '1e-30', '1e30', 'NaN', 'Infinity', '-Infinity']
for op in 'add sub mul div mod numeric_cmp'.split():
    for a in edge:
        for b in edge:
            if op in ('div', 'numeric_cmp', 'mod') or rng.random() < .35: O(op, a, b)
    for i in range(150): O(op, num(), num())
for i in range(150):
    for op in ('round', 'trunc'): O(op, num(), str(rng.randint(-6, 12)))
for a in '0.5 1.5 2.5 -0.5 -1.5 -2.5 0.49999 5 15 25 -25 999.995 9223372036854775807 12345678901234567890.5 0.000 -0.4'.split():
    for b in '-30 -20 -2 -1 0 1 2 3 20'.split(): O('round', a, b); O('trunc', a, b)
for i in range(80):
    for op in 'floor ceil numeric_int8 numeric_float8'.split(): O(op, num())
for a in edge + ['-0.5', '1.5', '9223372036854775807.4', '9223372036854775807.5', '-9223372036854775808.5', '-0.4']:
    for op in 'floor ceil numeric_int8 numeric_float8'.split(): O(op, a)
for f in floats:
    O('float8_numeric', f); O('float4_numeric', f)
tss = ['2000-01-01 00:00', '2000-02-29 12:34:56.789', '1999-12-31 23:59:59.999999', '2001-03-31 06:00', '0001-01-01 00:00', '0044-03-15 12:00 BC', '0001-12-31 BC', '1970-01-01', '2024-02-29', '2021-03-14 06:30', '2021-11-07 05:30', '294276-12-31 12:00', '4714-11-24 BC', 'infinity', '-infinity', '1900-06-15 11:22:33', '0101-01-01', '0100-12-31', '1000-01-01 BC', '1001-01-01 BC', '2020-12-31', '2021-01-03', '2018-12-31', '2005-01-01']
for i in range(20): tss.append('%04d-%02d-%02d %02d:%02d:%02d.%06d' % (rng.randint(1, 3000), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59), rng.randint(0, 999999)))
sps = ['1 day', '1 mon', '-1 mon', '1 year', '1 year 2 mons 3 days 04:05:06.789', '-1 year -2 mons -3 days -04:05:06', '1 mon -1 day', '00:00:00.000001', '-00:00:01', '35 days 27:00', '13 mons 35 days 50:00', '-13 mons 35 days -50:00', '1 mon -40 days 30:00', '100 years', '10000 years', '300000 years', '0', '30 days', '720:00', '12 mons', '360 days', '1 day -25:00', '178956970 years 7 mons', '2147483647 days', '-178956970 years -8 mons']
for a in tss:
    for b in sps:
        if rng.random() < .5: O('ts_add', a, b)
    for b in rng.sample(tss, 8): O('age', a, b); O('ts_sub', a, b)
ops[:] = [o for o in ops if not (o[1] == 'age' and ('infinity' in o[2] or 'infinity' in o[3]))]
for z in ('UTC', 'America/New_York', 'Australia/Lord_Howe'):
    for a in rng.sample(tss, 14):
        for b in rng.sample(sps, 6): O('tstz_add', a, b, s='timezone=' + z)
for a in ('2021-03-13 02:30', '2021-03-14 03:30', '2021-11-06 01:30', '2021-11-07 01:30 EST', '2021-02-14 02:30'):
    for b in ('1 day', '24:00', '1 mon', '-1 day', '1:00'): O('tstz_add', a, b, s='timezone=America/New_York')
fields = 'microseconds millisecond second minute hour day week month quarter year decade century millennium dow isodow doy isoyear julian epoch timezone timezone_hour timezone_minute foo ms DAY y'.split()
for f in fields:
    for a in tss:
        if rng.random() < .5: O('trunc_ts', f, a); O('extract_timestamp', f, a)
        if rng.random() < .3:
            z = rng.choice(['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])
            O('trunc_tstz', f, a, s='timezone=' + z); O('extract_timestamptz', f, a, s='timezone=' + z)
        if rng.random() < .3: O('extract_date', f, a)
    for a in sps: O('trunc_span', f, a); O('extract_interval', f, a)
    for a in ('00:00', '12:34:56.789', '23:59:59.999999'): O('extract_time', f, a)
for a in ('15 min', '1 day', '7 days', '1 mon', '0', '-1 day', '00:00:00.5', '1 day 02:00'):
    for b in rng.sample(tss, 8) + ['infinity']: O('bin', a, b)
for a in sps:
    for op in 'justify_hours justify_days justify_interval span_neg'.split(): O(op, a)
    for b in sps: (rng.random() < .4) and O('span_cmp', a, b); (rng.random() < .4) and (O('span_add', a, b), O('span_sub', a, b))
    for b in ('0', '1', '-1', '0.5', '1.1', '3', '7', '1e300', 'NaN', '0.33333', '-2.5'): O('span_mul', a, b); O('span_div', a, b)
    for b in ('00:00', '12:34:56.789', '23:59:59.999999'): O('time_add', b, a)
js = ['null', '"a"', '"b"', '""', '1', '1.0', '-1', '10', 'true', 'false', '[]', '[1]', '[1,2]', '["a"]', '[[]]', '[[1]]', '[null]', '{}', '{"a":1}', '{"a":2}', '{"b":1}', '{"aa":1}', '{"a":1,"b":2}', '{"a":{}}', '{"a":[]}', '[{}]', '[true]', '[2]', '1e10', '{"a":null}']
for a in js:
    for b in js: O('jsonb_cmp', a, b)
arrs = ['{}', '{1}', '{2}', '{1,2}', '{1,NULL}', '{NULL}', '{{1,2}}', '{{1},{2}}', '{1,2,3,4}', '{{1,2},{3,4}}', '{-1}', '{NULL,1}']
for a in arrs:
    for b in arrs: O('int4s_cmp', a, b); O('texts_cmp', a, b)
for a in ('2020,1,31', '2020,2,30', '2020,13,1', '0,1,1', '-1,1,1', '-4713,11,24', '-4714,11,23', '5874897,12,31', '5874898,1,1', '2020,1,0', '99,1,1'): O('make_date', a)
for a in ('0,0,0', '23,59,59.999999', '24,0,0', '24,0,1', '25,0,0', '10,60,0', '10,0,60', '10,0,60.5', '-1,0,0', '1,2,3.4567891', '10,61,1.5', '1,1,NaN'): O('make_time', a)

ca = '0.0.0.0/0 10.0.0.0/8 10.1.0.0/16 10.1.2.3/8 10.1.2.3 10.1.2.4 10.1.2.3/31 9.255.255.255 11.0.0.0/7 255.255.255.255 ::/0 ::1 ::1/64 1::/16 1:8000::/17 ffff::'.split()
for a in ca:
    for b in ca: O('inet_cmp', a, b)
cb = ['', '0', '1', '00', '10', '01', '11', '00000000', '000000000', '10000000', '100000000', '11111111', '111111110']
for a in cb:
    for b in cb: O('bit_cmp', a, b)
ct = '00:00+00 01:00+01 02:00+01 24:00+00 24:00-15:59 00:00+15:59 12:34:56.789-03:30 12:34:56.789+03:30 23:59:59.999999+00'.split()
for a in ct:
    for b in ct: O('timetz_cmp', a, b)
    for b in ('1 hour', '-1 hour', '1 day', '25:00', '-00:00:00.000001', '1 mon'): O('timetz_add', a, b)
    for f in fields: O('extract_timetz', f, a)

SEND = {'boolean': 'boolsend', 'smallint': 'int2send', 'integer': 'int4send', 'bigint': 'int8send', 'real': 'float4send', 'double precision': 'float8send', 'numeric': 'numeric_send', 'text': 'textsend', 'varchar(10)': 'varcharsend', 'char(5)': 'bpcharsend', 'bytea': 'byteasend', 'date': 'date_send', 'time': 'time_send', 'timestamp without time zone': 'timestamp_send', 'timestamp with time zone': 'timestamptz_send', 'interval': 'interval_send', 'uuid': 'uuid_send', 'json': 'json_send', 'jsonb': 'jsonb_send', 'oid': 'oidsend', 'name': 'namesend', 'integer[]': 'array_send', 'text[]': 'array_send', 'numeric[]': 'array_send', 'time with time zone': 'timetz_send', '"bit"': 'bit_send', 'varbit': 'varbit_send', 'inet': 'inet_send', 'cidr': 'cidr_send', 'macaddr': 'macaddr_send', 'inet[]': 'array_send', 'jsonpath': 'jsonpath_send'}
B = {'boolean': 't f', 'smallint': '0 -1 32767', 'integer': '0 -1 2147483647', 'bigint': '0 -1 9223372036854775807', 'real': '0 1.5 -1e20 NaN Infinity', 'double precision': '0 1.5 -1e200 Infinity -Infinity', 'numeric': '0 0.00 1 -1 10000 0.0001 0.00001 12345.678 100000000 -9999.9999 123456789012345678901234567890.5 NaN Infinity -Infinity 1.500 0.10 1e20 1e-20', 'text': 'abc é', 'varchar(10)': 'abc', 'char(5)': 'ab', 'bytea': r'\x00ff', 'date': '2000-01-01 1999-12-31 infinity -infinity 0044-03-15BC', 'time': '00:00 23:59:59.999999', 'uuid': 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'json': '{"a":1}', 'jsonb': '{"b":1,"a":[1.50,null]}', 'oid': '0 4294967295', 'name': 'abc', 'integer[]': '{} {1,NULL,3} {{1,2},{3,4}}', 'text[]': '{a,"b c",NULL}', 'numeric[]': '{1.5,NaN}', 'time with time zone': '00:00+00 23:59:59.999999-03:30 24:00+15:59', '"bit"': '1 101 00000000 111111111', 'varbit': '1 x123', 'inet': '10.1.2.3 10.1.2.3/8 ::1 2001:db8::/32', 'cidr': '10.0.0.0/8 ::/0', 'macaddr': '08:00:2b:01:02:03', 'inet[]': '{1.2.3.4,NULL}', 'jsonpath': '$.a[*]'}
for t, v in B.items():
    binary.extend(('', t, i, '') for i in (v.split(' ') if t not in ('text[]',) else [v]))
for t in ('timestamp without time zone', 'timestamp with time zone'):
    binary.extend(('', t, i, '') for i in ('2000-01-01 00:00:00', '1999-12-31 23:59:59.999999', 'infinity', '-infinity'))
binary.extend(('', 'interval', i, '') for i in ('1 year 2 mons 3 days 04:05:06.789', '-1 day', '0'))

CASTS = {'boolean': 't f', 'smallint': '0 1 -1 32767', 'integer': '0 65 -1 127 128 32768 2147483647', 'bigint': '0 -1 2147483648 4294967296 9223372036854775807 123456789012345678',
         'real': '0 1.5 2.5 -2.5 1e10 1e30 NaN Infinity 1.1 16777216', 'double precision': '0 0.5 1.5 2.5 -2.5 1e10 1e19 -1e19 9.3e18 1e300 1e-300 NaN Infinity 1.1 0.1234567890123456',
         'numeric': '0 0.5 1.5 2.5 -2.5 32767.4 32767.5 2147483647.5 1e20 1e400 1e-400 NaN Infinity 1.10', 'text': 'a 1 1.5 true 2000-01-01 abcdefghij é', 'varchar(8)': 'abc 12', 'char(8)': 'abc 12',
         'name': 'abc', '"char"': 'a é', 'bytea': r'\x41', 'date': '2000-01-01 infinity -infinity 294277-01-01', 'time': '12:34:56.789 24:00', 'interval': '1day -01:00 25:00 1mon',
         'timestamp without time zone': '2000-07-01T12:34:56.789 infinity', 'timestamp with time zone': '2000-07-01T12:34:56.789Z -infinity', 'uuid': 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
         'json': '{"b":1,"a":1} 1', 'jsonb': '1 1.5 true "a" null [1] {} 40000', 'oid': '0 26 4294967295', 'regtype': '23 0', 'integer[]': '{1,2} {}', 'text[]': '{1,2}', 'numeric(10,2)': '1.005', 'time with time zone': '12:34:56.789+02 24:00-01', '"bit"': '101 11111111111111111111111111111111 1111111111111111111111111111111111111111111111111111111111111111 10000000000000000000000000000000000000000000000000000000000000000', 'varbit': '101 x1F', 'inet': '10.1.2.3 10.1.2.3/8 ::1', 'cidr': '10.0.0.0/8', 'macaddr': '08:00:2b:01:02:03', 'timestamp(0) without time zone': ''}
casts = []
for f, vals in CASTS.items():
    for to in list(CASTS) + ['varchar(2)', 'char(3)', 'numeric(3,1)', 'time(1) without time zone', 'timestamp(2) without time zone', 'bit(3)', 'bit(40)', 'varbit(2)', 'time(1) with time zone']:
        if '(0)' in f + to or '(10,2)' in f: continue
        casts.append(('', f + '>' + to, '<null>', ''))
        casts.extend((s, f + '>' + to, v, '') for v in vals.split(' ') for s in (('timezone=America/New_York',) if 'time' in f + to else ('',)))

def esc(s):
    return s.replace('\\', '\\\\').replace('\t', '\\t').replace('\n', '\\n').replace('\r', '\\r')

def record(name, cases, sql):
    seen, rows = set(), []
    for c in cases:
        if c not in seen:
            seen.add(c); rows.append('\t'.join([str(len(rows))] + [esc(x) for x in c]))
    script = r'''
set client_min_messages = error;
create function pg_temp.run(settings text, q text, out code text, out res text) language plpgsql as $f$
declare s text;
begin
  perform set_config('timezone','UTC',true), set_config('datestyle','ISO, MDY',true), set_config('intervalstyle','postgres',true), set_config('extra_float_digits','1',true), set_config('bytea_output','hex',true);
  foreach s in array string_to_array(settings, ';') loop
    if s <> '' then perform set_config(split_part(s,'=',1), split_part(s,'=',2), true); end if;
  end loop;
  execute q into res; code := '00000';
exception when others then get stacked diagnostics code = returned_sqlstate, res = message_text;
end $f$;
create temp table c (n int, settings text, name text, a text, b text);
copy c from stdin;
''' + '\n'.join(rows) + '\n\\.\n' + sql
    out = subprocess.run(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1'], input=script, text=True, capture_output=True)
    if out.returncode: sys.exit(out.stderr)
    open(name, 'w').write(out.stdout)
    print(name, len(rows))

tail = 'copy (select c.settings, c.name, c.a, c.b, r.code, r.res from c, lateral pg_temp.run(c.settings, %s) r order by n) to stdout;\n'
record('text.golden', text, tail % "format('select format(''%%s'', %L::%s)', c.a, c.name)")
record('casts.golden', casts, tail % "format('select format(''%%s'', (%s::%s)::%s)', case when c.a = '<null>' then 'null' else quote_literal(c.a) end, split_part(c.name,'>',1), split_part(c.name,'>',2))")
whens = ' '.join("when '%s' then '%s'" % (k, v.replace("'", "''")) for k, v in TEMPLATES.items())
record('ops.golden', ops, tail % ("'select format(''%s'', ' || replace(replace(replace(case c.name " + whens + " end, '_FIELD_', c.a), '%1', quote_literal(c.a)), '%2', quote_literal(c.b)) || ')'"))
sends = ' '.join("when '%s' then '%s'" % kv for kv in SEND.items())
record('binary.golden', binary, tail % ("format('select encode(%s(%L::%s), ''hex'')', case c.name " + sends + " end, c.a, c.name)"))
