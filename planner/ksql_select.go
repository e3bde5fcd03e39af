package planner

import (
	"slices"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// newPlannerProperty lets a derived relation leave its source's key out.
const newPlannerProperty = "ksql.new.query.planner.enabled"

// derivedOutput is what the SELECT of a derived relation of the ksql dialect says of its columns: first the key, then
// the value, then what is hidden.
type derivedOutput struct {
	keys, visible int
	table         bool
	from          origin
	partitioned   bool // PARTITION BY
	keyless       bool // PARTITION BY NULL
}

// ksql reports whether ksqlDB's rules go.
func (b *binder) ksql() bool { return b.opt.Dialect == "ksql" }

// reserved reports the names of ksqlDB's pseudo columns.
func reserved(name string) bool { return isPseudo(name) && name == strings.ToUpper(name) }

// ksqlName is the name of a select item without AS: a column's, a struct's field, or KSQL_COL_n.
func (q *selecting) ksqlName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ref:
		return q.columnName(x)
	case *ast.FieldSel:
		return q.unused(x.Name)
	}
	for {
		name := "KSQL_COL_" + itoa(q.unnamed)
		q.unnamed++
		if _, n := matchOut(q.sc.from, name); n == 0 {
			return name
		}
	}
}

// columnName is the name of a column that stands for itself: with its source's before it where several sources of a
// join have one of that name. A field of a column has its own name.
func (q *selecting) columnName(x *ast.Ref) string {
	name := x.Parts[len(x.Parts)-1]
	f := q.sc.from
	_, n := matchOut(f, name)
	if isPseudo(name) {
		_, n = matchOut(f, strings.ToLower(name))
	}
	if n > 1 && len(x.Parts) > 1 {
		return x.Parts[len(x.Parts)-2] + "_" + name
	}
	return name
}

// unused is the name, with a number behind it if an item or a column of the source has it already.
func (q *selecting) unused(name string) string {
	taken := func(n string) bool {
		_, columns := matchOut(q.sc.from, n)
		return columns > 0 || slices.ContainsFunc(q.items, func(it item) bool { return it.name == n })
	}
	if !taken(name) {
		return name
	}
	for i := 1; ; i++ {
		if n := name + "_" + itoa(i); !taken(n) {
			return n
		}
	}
}

// bindPartition binds PARTITION BY.
func (q *selecting) bindPartition() error {
	if len(q.s.PartitionBy) == 0 {
		return nil
	}
	pos := at(q.s.PartitionBy[0])
	switch {
	case !q.sc.wantMeta:
		return pgerr.Unsupported(pos, "PARTITION BY")
	case q.sc.from.origin.table:
		return pgerr.At(pos, pgerr.InvalidObjectDefinition, "PARTITION BY is for streams, not for tables").
			WithHint("A table's key is its rows' identity; use GROUP BY.")
	case len(q.s.GroupBy) > 0:
		return pgerr.At(pos, pgerr.SyntaxError, "PARTITION BY and GROUP BY do not go together")
	}
	c := q.clause("PARTITION BY")
	for _, x := range q.s.PartitionBy {
		e, err := c.expr(x)
		if err != nil {
			return err
		}
		if isNull(e) {
			if len(q.s.PartitionBy) > 1 {
				return pgerr.At(at(x), pgerr.InvalidObjectDefinition, "NULL does not go with other expressions in PARTITION BY")
			}
			q.keyless = true
			return nil
		}
		if e, err = q.b.known(e, at(x)); err != nil {
			return err
		}
		q.partition = append(q.partition, e)
	}
	return nil
}

// keyExprs are the expressions that the result's key consists of, and how messages call them.
func (q *selecting) keyExprs() (keys []expr.Expr, what string) {
	switch {
	case len(q.s.GroupBy) > 0:
		return q.groups[:len(q.groups)-len(q.sc.from.window)], "grouping expression"
	case len(q.s.PartitionBy) > 0:
		return q.partition, "partitioning expression"
	}
	return q.sc.from.origin.key, "key column"
}

// bindKeys finds the key among the items and puts it first: ksqlDB wants each part of it there once, as it is.
func (q *selecting) bindKeys() error {
	if !q.sc.wantMeta {
		return nil
	}
	q.dropHidden()
	keys, what := q.keyExprs()
	var order []int
	for i, k := range keys {
		same := []expr.Expr{k}
		if what == "key column" && len(keys) == 1 {
			same = append(same, q.sc.from.origin.same...)
		}
		found, err := q.findKey(same)
		if err != nil {
			return err
		}
		if found < 0 && q.hasStar() && len(q.s.PartitionBy) > 0 {
			found = len(q.items)
			name := q.ksqlName(q.s.PartitionBy[i])
			q.items = append(q.items, item{name: name, x: k, pos: at(q.s.PartitionBy[i])})
		}
		if found < 0 {
			if what == "key column" && q.newPlanner() {
				return q.finishKeys(nil)
			}
			return q.missingKey(k, what)
		}
		if v := q.sc.from.origin.value; v != nil && what == "key column" {
			q.items[found].x = fresh(v)
		}
		if len(q.partition) > 0 {
			if q.items[found].x, err = q.ofValue(q.items[found].x); err != nil {
				return err
			}
		}
		order = append(order, found)
	}
	if what == "key column" && q.newPlanner() {
		slices.Sort(order)
	}
	return q.finishKeys(order)
}

// findKey finds the item that is the first of some equal expressions that any item is; -1: there is none.
func (q *selecting) findKey(same []expr.Expr) (int, error) {
	for _, k := range same {
		found := -1
		for j, it := range q.items {
			if !expr.EqualExpr(it.x, k) {
				continue
			}
			if found >= 0 {
				return -1, pgerr.At(it.pos, pgerr.InvalidObjectDefinition, "the projection contains a key column more than once: %s and %s",
					quoted(q.items[found].name), quoted(it.name)).WithHint("AS_VALUE(%s) copies it into the value.", q.items[found].name)
			}
			found = j
		}
		if found >= 0 {
			return found, nil
		}
	}
	return -1, nil
}

// newPlanner reports whether the projection decides about the key: what it is, and in which order.
func (q *selecting) newPlanner() bool {
	return strings.EqualFold(q.b.opt.Properties[newPlannerProperty], "true")
}

// ofValue makes an expression of PARTITION BY that is computed NULL where the record has no value.
func (q *selecting) ofValue(x expr.Expr) (expr.Expr, error) {
	t := q.sc.from.origin.tombstone
	if _, plain := x.(*expr.Column); plain || t == nil || q.ofKey(x) {
		return x, nil
	}
	has, err := hasValue(t)
	if err != nil {
		return nil, err
	}
	return &expr.Case{Conds: []expr.Expr{has}, Results: []expr.Expr{x}, Else: constNull(x.Type()), T: x.Type()}, nil
}

// ofKey reports whether an expression reads the record's key only.
func (q *selecting) ofKey(x expr.Expr) bool {
	for _, i := range expr.Columns(x) {
		if !slices.ContainsFunc(q.sc.from.origin.key, func(k expr.Expr) bool { c, ok := k.(*expr.Column); return ok && c.Index == i }) {
			return false
		}
	}
	return true
}

func (q *selecting) hasStar() bool {
	return slices.ContainsFunc(q.s.Items, func(it ast.SelectItem) bool { _, ok := it.X.(*ast.Star); return ok })
}

func (q *selecting) missingKey(key expr.Expr, what string) error {
	name := groupName(key)
	if name == "" {
		name = "it"
	}
	return pgerr.At(at(q.s), pgerr.InvalidObjectDefinition, "the query must include the %s %s in its projection", what, name).
		WithHint("Add it to the select list as it is; AS_VALUE() makes copies.")
}

// finishKeys puts the items in the order key, value, hidden.
func (q *selecting) finishKeys(order []int) error {
	var items []item
	for _, i := range order {
		items = append(items, q.items[i])
	}
	for i, it := range q.items {
		if !slices.Contains(order, i) {
			items = append(items, it)
		}
	}
	q.items = items
	for i, it := range items {
		if reserved(it.name) && (i >= len(order) || len(q.partition) == 0) {
			return pgerr.At(it.pos, pgerr.ReservedName, "%s is a reserved column name", quoted(it.name)).WithHint("Give it another name with AS.")
		}
	}
	if len(order) > 0 && len(order) == len(items) && len(q.sc.from.window) == 0 {
		return pgerr.At(at(q.s), pgerr.InvalidObjectDefinition, "the projection contains no value columns")
	}
	if q.sc.from.origin.table && len(q.srf.uses) > 0 {
		return pgerr.At(at(q.s), pgerr.InvalidObjectDefinition, "a table function over a table: its rows would have no key of their own")
	}
	q.out = &derivedOutput{keys: len(order), visible: len(items), table: q.sc.from.origin.table || len(q.s.GroupBy) > 0,
		from: q.sc.from.origin, partitioned: len(q.partition) > 0, keyless: q.keyless}
	if len(q.s.PartitionBy) > 0 || len(q.s.GroupBy) > 0 && len(q.sc.from.window) == 0 {
		q.out.from.window = nil // another key
	}
	return q.addMeta()
}

// dropHidden takes away hidden items.
func (q *selecting) dropHidden() { q.items = q.items[:q.visible()] }

// addMeta appends the hidden columns: of the rows as they are, or of their groups.
func (q *selecting) addMeta() error {
	m := q.sc.from.origin.meta
	add := func(name string, x expr.Expr) {
		if x != nil {
			q.items = append(q.items, item{name: name, x: fresh(x), pos: pgerr.NoPos, hidden: true})
		}
	}
	if len(q.s.GroupBy) == 0 {
		add(rowtimeColumn, m.time)
		if q.out.table {
			add(RowseqColumn, m.seq)
		}
		add(rowtombstoneColumn, m.tombstone)
		add(RowheadersColumn, m.headers)
		if q.out.from.window != nil {
			add(windowstartColumn, m.start)
			add(windowendColumn, m.end)
		}
		return nil
	}
	headers, err := q.groupHeaders(m)
	if err != nil {
		return err
	}
	add(RowheadersColumn, headers)
	if !q.sc.from.origin.table {
		m.seq = nil // rows only come: their number is enough
	}
	for _, a := range []struct {
		column, agg string
		x           expr.Expr
	}{{rowtimeColumn, "max", m.time}, {RowseqColumn, "max", m.seq}, {rowtouchColumn, "sum", m.seq}} {
		if a.x == nil {
			continue
		}
		x, err := q.metaAggregate(a.agg, a.x)
		if err != nil {
			return err
		}
		add(a.column, x)
	}
	if m.seq == nil {
		x, err := q.metaAggregate("count", nil)
		if err != nil {
			return err
		}
		add(rowtouchColumn, x)
	}
	for i, w := range q.sc.from.window {
		x, err := epochMillis(w, pgerr.NoPos)
		if err != nil {
			return err
		}
		add([]string{windowstartColumn, windowendColumn}[i], x)
	}
	return nil
}

// metaAggregate is an aggregate of a hidden column, as a bigint where it is a sum.
func (q *selecting) metaAggregate(name string, x expr.Expr) (expr.Expr, error) {
	use := expr.AggUse{Name: []string{name}, Env: q.b.opt.Env, Pos: pgerr.NoPos, Star: x == nil}
	if x != nil {
		use.Args = []expr.Expr{x}
	}
	call := &aggCall{pos: []int{pgerr.NoPos}}
	var err error
	if call.agg, call.args, err = use.Resolve(); err != nil {
		return nil, err
	}
	e := q.aggs.add(call)
	if name == "sum" {
		return expr.ResolveCast(e, types.T(types.Int8), types.Explicit, pgerr.NoPos)
	}
	return e, nil
}

// bindTombstones takes away the records without a value, except where they are passed on as they are.
func (q *selecting) bindTombstones() error {
	t := q.sc.from.origin.tombstone
	if t == nil || q.sc.wantMeta && q.s.Where == nil && len(q.s.GroupBy) == 0 {
		return nil
	}
	var err error
	q.node, err = withoutTombstones(q.node, t)
	return err
}

func withoutTombstones(node Node, t expr.Expr) (Node, error) {
	pred, err := hasValue(t)
	return &Filter{Input: node, Pred: pred}, err
}

// hasValue is true for a record with a value.
func hasValue(tombstone expr.Expr) (expr.Expr, error) {
	return expr.ResolveOperator("=", tombstone, constInt(0), pgerr.NoPos)
}

// dropNullGroups takes away the rows whose group key is NULL, as ksqlDB does.
func (q *selecting) dropNullGroups() {
	if !q.sc.wantMeta {
		return
	}
	var preds []expr.Expr
	for _, g := range q.groups[:len(q.groups)-len(q.sc.from.window)] {
		if _, constant := g.(*expr.Const); !constant {
			preds = append(preds, &expr.Is{X: g, What: "null", Not: true})
		}
	}
	if len(preds) > 0 {
		q.node = &Filter{Input: q.node, Pred: expr.And(preds...)}
	}
}

// ksqlStar is what * stands for in the ksql dialect: of a join the columns with their source's name before theirs; what was
// the key stands first (whole: all columns are meant, so is a key that no column stands for), or, where PARTITION BY makes another key, behind the values.
func (q *selecting) ksqlStar(cols []outCol, whole bool) []outCol {
	f := q.sc.from
	isKey := func(c outCol) bool { return containsExpr(f.origin.key, c.x) }
	var keys, values []outCol
	if f.origin.synthetic != "" && whole {
		keys = append(keys, outCol{relCol: relCol{name: f.origin.synthetic, x: f.origin.value}})
	}
	for _, c := range cols {
		if len(f.rels) > 1 && c.rel != nil && !c.hidden {
			c.name = c.rel.alias + "_" + c.name
		}
		if isKey(c) {
			keys = append(keys, c)
		} else {
			values = append(values, c)
		}
	}
	if len(q.s.PartitionBy) > 0 {
		return append(values, keys...)
	}
	if m := f.origin.meta; m.start != nil && !q.sc.wantMeta && len(f.rels) == 1 {
		keys = append(keys, outCol{relCol: relCol{name: "WINDOWSTART", x: m.start}}, outCol{relCol: relCol{name: "WINDOWEND", x: m.end}})
	}
	return append(keys, values...)
}
