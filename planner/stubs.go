package planner

import (
	"streamsql/internal/catalog"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// PlanQuery plans a query against a catalog. Errors are *pgerr.Error with the position of the expression at fault.
func PlanQuery(q ast.Query, cat *catalog.Catalog, opt Options) (*Plan, error) {
	panic("unfinished: PlanQuery")
}

// Explain returns the plan's text form, one node a line, inputs indented below.
func Explain(n Node) string { panic("unfinished: Explain") }

// Bind returns the plan's tree with the parameters replaced by args (one value per Params, of those types).
func (p *Plan) Bind(args []types.Value) Node { panic("unfinished: Bind") }

// PlanInsert plans INSERT into a table or stream of ours.
func PlanInsert(s *ast.Insert, cat *catalog.Catalog, opt Options) (*InsertPlan, error) {
	panic("unfinished: PlanInsert")
}

// PlanUpdate plans UPDATE of a table of ours.
func PlanUpdate(s *ast.Update, cat *catalog.Catalog, opt Options) (*UpdatePlan, error) {
	panic("unfinished: PlanUpdate")
}

// PlanDelete plans DELETE from a table of ours.
func PlanDelete(s *ast.Delete, cat *catalog.Catalog, opt Options) (*DeletePlan, error) {
	panic("unfinished: PlanDelete")
}

// BindCreate turns a CREATE statement into a catalog object without ID and OID, and the plan of its query (nil unless
// the statement has AS). text is the statement as written.
func BindCreate(s *ast.Create, text string, cat *catalog.Catalog, opt Options) (*catalog.Object, *Plan, error) {
	panic("unfinished: BindCreate")
}
