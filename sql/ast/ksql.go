package ast

// The statements of ksqlDB that have no execution yet: the parser hands each on inside an Unsupported.
type (
	// Define is DEFINE name = 'value', or with Drop UNDEFINE name. Name is in lower case: it has no case in ksqlDB.
	Define struct {
		Pos
		Name  string
		Value string
		Drop  bool
	}
	// Assert is ASSERT [NOT EXISTS] What, where What is "topic", "schema", "values", "null values", "stream" or "table".
	Assert struct {
		Pos
		Not     bool
		What    string
		Name    Name        // the topic or source
		Columns []ColumnRef // VALUES and NULL VALUES
		Values  []Expr      // VALUES; for NULL VALUES the key
		Defs    []ColumnDef // STREAM and TABLE
		With    []Option
		Subject string // SCHEMA SUBJECT
		ID      int64  // SCHEMA ID, or 0
		Timeout *Duration
	}
	// CreateType is CREATE TYPE [IF NOT EXISTS] name AS type; DropType is DROP TYPE [IF EXISTS] name.
	CreateType struct {
		Pos
		IfNotExists bool
		Name        Name
		Type        *TypeName
	}
	DropType struct {
		Pos
		IfExists bool
		Name     Name
	}
	// Alter is ALTER STREAM|TABLE name ADD [COLUMN] column, …
	Alter struct {
		Pos
		Kind ObjectKind
		Name Name
		Add  []ColumnDef
	}
	// AlterSystem is ALTER SYSTEM 'name' = 'value'.
	AlterSystem struct {
		Pos
		Name, Value string
	}
	// QueryControl is TERMINATE, PAUSE or RESUME (Op lower case) of a query, or of all (Query "").
	QueryControl struct {
		Pos
		Op    string
		Query string
	}
	// Print is PRINT topic [FROM BEGINNING] [INTERVAL n] [LIMIT n]; 0 means absent.
	Print struct {
		Pos
		Topic           Name
		FromBeginning   bool
		Interval, Limit int64
	}
	// RunScript is RUN SCRIPT 'path'.
	RunScript struct {
		Pos
		Path string
	}
	// DescribeOther is DESCRIBE FUNCTION f, DESCRIBE CONNECTOR c, DESCRIBE STREAMS or DESCRIBE TABLES (Name nil), with What in lower case.
	DescribeOther struct {
		Pos
		What     string
		Name     *Name
		Extended bool
	}
	// ExplainQuery is EXPLAIN of a query that runs, by its name.
	ExplainQuery struct {
		Pos
		Name Name
	}
)

func (*Define) stmt()        {}
func (*Assert) stmt()        {}
func (*CreateType) stmt()    {}
func (*DropType) stmt()      {}
func (*Alter) stmt()         {}
func (*AlterSystem) stmt()   {}
func (*QueryControl) stmt()  {}
func (*Print) stmt()         {}
func (*RunScript) stmt()     {}
func (*DescribeOther) stmt() {}
func (*ExplainQuery) stmt()  {}
