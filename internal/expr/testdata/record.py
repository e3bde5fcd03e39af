#!/usr/bin/env python3
"""Writes the right sides of "expression => value" lines anew from a PostgreSQL 15 (PGHOST, PGPORT, PGUSER).

record.py FILE…: values are text as COPY writes it, NULL, or ERROR and the SQLSTATE; time zone UTC. Lines with nothing
behind " => " are new cases.
"""
import re, subprocess, sys

# SQL has a syntax of its own for these; with a schema they are ordinary functions.
keyword_functions = re.compile(r'\b(position|extract)\(')

def record(name):
    exprs = list(dict.fromkeys(l.rstrip('\n').split(' => ')[0] for l in open(name, encoding='utf-8') if l.strip()))
    esc = lambda s: s.replace('\\', '\\\\').replace('\t', '\\t').replace('\n', '\\n').replace('\r', '\\r')
    script = r'''
set client_min_messages = error;
set timezone = 'UTC';
create function pg_temp.run(q text) returns text language plpgsql as $f$
declare res text;
begin
  execute 'select case when (' || q || ') is null and not (' || q || ') is not null then ''NULL'' else format(''%s'', (' || q || ')) end' into res;
  return res;
exception when others then return 'ERROR ' || sqlstate;
end $f$;
create temp table c (n int, q text);
copy c from stdin;
''' + '\n'.join('%d\t%s' % (i, esc(keyword_functions.sub(r'pg_catalog.\1(', x))) for i, x in enumerate(exprs)) + '\n\\.\ncopy (select pg_temp.run(q) from c order by n) to stdout;\n'
    out = subprocess.run(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1'], input=script, text=True, capture_output=True)
    if out.returncode: sys.exit(out.stderr)
    values = out.stdout.split('\n')[:-1]
    assert len(values) == len(exprs), (len(values), len(exprs))
    with open(name, 'w', encoding='utf-8') as f:
        f.writelines('%s => %s\n' % p for p in zip(exprs, values))
    print(name, len(exprs))

for name in sys.argv[1:]: record(name)
