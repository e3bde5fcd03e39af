"""Writes random_analytic.golden: random window functions, grouping sets and ordered-set aggregates over the tables of
answers.sql with PostgreSQL's answers.

Usage: random_analytic.py SEED COUNT [psql arguments]. Where rows that an ORDER BY does not tell apart could give
different answers, the order is made whole.
"""
import os, random, subprocess, sys

R = random.Random(int(sys.argv[1])); N = int(sys.argv[2])
T = {'users': (['id', 'name', 'city', 'age'], ['id', 'age'], 'id'), 'orders': (['user_id', 'line', 'item', 'price'], ['user_id', 'line'], 'user_id, line')}


def order(cols, whole, n=None):
    out = []
    for c in R.sample(cols, n if n is not None else R.randint(1, 2)):
        out.append(c + R.choice(['', '', ' desc', ' nulls first', ' desc nulls last']))
    return 'order by ' + ', '.join(out + ([whole] if whole else []))


def bounds(offset):
    kinds = ['unbounded preceding', offset() + ' preceding', 'current row', offset() + ' following', 'unbounded following']
    while True:
        a, b = R.randrange(4), R.randrange(1, 5)
        if a <= b:
            return 'between %s and %s' % (kinds[a], kinds[b])


def frame(mode, offset=lambda: str(R.randint(0, 3))):
    return ' %s %s%s' % (mode, bounds(offset), R.choice(['', '', '', ' exclude current row', ' exclude group', ' exclude ties', ' exclude no others']))


def partition(cols):
    return R.choice(['', '', 'partition by %s ' % R.choice(cols), 'partition by %s, %s ' % tuple(R.sample(cols, 2)), 'partition by %s %% 2 ' % NUM[0]])


def aggregate():
    c = R.choice(NUM)
    a = R.choice(['sum(%s)', 'count(%s)', 'count(*)', 'min(%s)', 'max(%s)', 'avg(%s)', 'bool_and(%s > 2)', 'variance(%s)'])
    a = a % c if '%s' in a else a
    return a + R.choice(['', '', ' filter (where %s > 1)' % R.choice(NUM)])


def window():
    k = R.random()
    if k < .3:
        f = R.choice(['row_number()', 'ntile(%d)' % R.randint(1, 4), 'lag(%s)' % R.choice(COLS), 'lead(%s, %d)' % (R.choice(COLS), R.randint(0, 3)), 'lag(%s, 2, -7)' % R.choice(NUM), 'array_agg(%s)' % R.choice(COLS)])
        return '%s over (%s%s)' % (f, partition(COLS), order(COLS, WHOLE))
    if k < .45:
        return '%s over (%s%s)' % (R.choice(['rank()', 'dense_rank()', 'percent_rank()', 'cume_dist()']), partition(COLS), R.choice(['', order(COLS, '')]))
    if k < .55:
        f = R.choice(['first_value(%s)', 'last_value(%s)', 'nth_value(%s, 2)', 'array_agg(%s)']) % R.choice(COLS)
        return '%s over (%s%s%s)' % (f, partition(COLS), order(COLS, WHOLE), R.choice(['', frame('rows'), frame('groups')]))
    if k < .7:
        return '%s over (%s%s%s)' % (aggregate(), partition(COLS), order(COLS, WHOLE), frame('rows'))
    if k < .8:
        return '%s over (%s%s%s)' % (aggregate(), partition(COLS), order(COLS, ''), frame('groups'))
    if k < .92:
        return '%s over (%s%s%s)' % (aggregate(), partition(COLS), order(NUM, '', 1), frame('range', lambda: R.choice(['0', '1', '3', '20'])))
    return '%s over (%s%s)' % (aggregate(), partition(COLS), R.choice(['', order(COLS, '')]))


def windows(t):
    items = [c for c in WHOLE.split(', ')] + ['%s as w%d' % (window(), i) for i in range(R.randint(1, 3))]
    q = 'select %s from %s' % (', '.join(items), t)
    if R.random() < .2:
        q += ' where %s > 1' % R.choice(NUM)
    if R.random() < .3:
        c = R.choice(WHOLE.split(', ') + ['w0'])
        q = 'select * from (%s) q where %s is not null' % (q, c) if R.random() < .5 else 'select count(*), count(w0), max(%s) from (%s) q' % (WHOLE.split(', ')[0], q)
    return q


def setlist(d=0):
    k = R.random()
    some = lambda: R.sample(COLS, R.randint(1, 2))
    if d < 2 and k < .3:
        return 'rollup (%s)' % ', '.join(R.choice([c, c, '(%s)' % ', '.join(some())]) for c in some())
    if d < 2 and k < .5:
        return 'cube (%s)' % ', '.join(some())
    if d < 2 and k < .75:
        return 'grouping sets (%s)' % ', '.join(R.choice([lambda: setlist(d + 1), lambda: '()', lambda: '(%s)' % ', '.join(some())])() for _ in range(R.randint(1, 3)))
    return R.choice(COLS)


def grouping(t):
    g = [setlist() for _ in range(R.randint(1, 2))]
    used = [c for c in COLS if any(c in x.replace('(', ' ').replace(')', ' ').replace(',', ' ').split() for x in g)]
    items = used + ['count(*)', R.choice(['sum(%s)', 'min(%s)', 'count(distinct %s)', 'avg(%s)']) % R.choice(NUM)]
    if used:
        items.append('grouping(%s)' % ', '.join(R.sample(used, R.randint(1, len(used)))))
    if R.random() < .2:
        items.append('rank() over (order by - count(*))')
    q = 'select %s from %s' % (', '.join(items), t)
    if R.random() < .3:
        q += ' where %s > %d' % (R.choice(NUM), R.choice([1, 3, 100]))
    q += ' group by ' + ', '.join(g)
    if R.random() < .3:
        q += ' having ' + R.choice(['count(*) > 1', 'max(%s) > 2' % R.choice(NUM), '%s is null' % used[0] if used else 'true'])
    return q


def orderedset(t):
    c, n = R.choice(COLS), R.choice(NUM)
    by = lambda c: 'within group (order by %s%s)' % (c, R.choice(['', ' desc', ' nulls first', ' desc nulls last']))
    f = lambda: R.choice(['0', '0.25', '0.5', '0.9', '1', 'array[0.5, 1, null, 0]'])
    a = [R.choice(['mode() ' + by(R.choice(COLS)), 'percentile_disc(%s) %s' % (f(), by(R.choice(COLS))), 'percentile_cont(%s) %s' % (f(), by(R.choice(NUM))),
                   '%s(%d) %s' % (R.choice(['rank', 'dense_rank', 'percent_rank', 'cume_dist']), R.choice([1, 2, 17, 30]), by(R.choice(NUM))),
                   'rank(%d, 17) within group (order by %s, %s desc)' % (R.randint(1, 3), R.choice(NUM), R.choice(NUM)),
                   'array_agg(%s order by %s)' % (c, order(COLS, WHOLE)[9:])]) + R.choice(['', '', ' filter (where %s > 1)' % n]) for _ in range(R.randint(1, 3))]
    g = R.choice([None, R.choice(COLS)])
    return 'select %s from %s%s' % (', '.join(([g] if g else []) + a), t, ' group by ' + g if g else '')


here = os.path.dirname(os.path.abspath(__file__)); ps = ['psql', '-X', '-q'] + sys.argv[3:]
db = 'planner_analytic_%d' % os.getpid()
subprocess.check_call(ps + ['-d', 'postgres', '-c', 'create database ' + db])
try:
    ddl = open(here + '/answers.sql').read().split('-- queries')[0]
    subprocess.run(ps + ['-d', db], input=ddl, text=True, check=True)
    out = []
    while len(out) < N:
        t = R.choice(sorted(T))
        COLS, NUM, WHOLE = T[t]
        q = R.choice([windows, windows, grouping, orderedset])(t)
        r = subprocess.run(ps + ['-A', '-t', '-P', 'null=~', '-d', db, '-c', q], capture_output=True, text=True)
        if r.returncode == 0:
            out.append(q + '\n----\n' + r.stdout)
    open(here + '/random_analytic.golden', 'w').write('\n'.join(out))
finally:
    subprocess.check_call(ps + ['-d', 'postgres', '-c', 'drop database ' + db])
