package ast

// Stmt is a statement.
type Stmt interface {
	Node
	stmt()
}

// ObjectKind names what a CREATE, DROP or SHOW is about; lower case words as in SQL.
type ObjectKind string

// The object kinds with an execution in this version; the parser knows more and hands them on as Unsupported.
const (
	KindStream           ObjectKind = "stream"
	KindTable            ObjectKind = "table"
	KindView             ObjectKind = "view"
	KindMaterializedView ObjectKind = "materialized view"
)

// The statements.
type (
	// QueryStmt is a SELECT, VALUES or TABLE at top level; EMIT CHANGES makes it a push query.
	QueryStmt struct {
		Pos
		Query Query
	}
	// Create is CREATE [OR REPLACE] STREAM|TABLE|VIEW|MATERIALIZED VIEW, with columns or AS query, or both.
	Create struct {
		Pos
		Kind        ObjectKind
		OrReplace   bool
		IfNotExists bool
		Source      bool // ksqlDB's CREATE SOURCE STREAM|TABLE
		Temporary   bool
		AppendOnly  bool // CREATE TABLE … APPEND ONLY
		Name        Name
		Columns     []ColumnDef
		ColumnNames []string // CREATE VIEW v (a, b) AS …
		PrimaryKey  []string // table constraint PRIMARY KEY (a, b)
		Watermark   *Watermark
		With        []Option
		As          Query  // or nil
		AsText      string // the query's text as written
		Into        *Name  // the stream whose topic a query of ksqlDB's INSERT INTO … SELECT writes to; or nil
	}
	// Drop is DROP kind [IF EXISTS] names [CASCADE] [DELETE TOPIC].
	Drop struct {
		Pos
		Kind        ObjectKind
		IfExists    bool
		Names       []Name
		Cascade     bool
		DeleteTopic bool
	}
	// Insert is INSERT INTO t [WITH (…)] [(cols)] query|DEFAULT VALUES [ON CONFLICT …] [RETURNING].
	Insert struct {
		Pos
		Table      Name
		With       []Option // ksqlDB: QUERY_ID
		Columns    []ColumnRef
		Query      Query       // nil: DEFAULT VALUES
		OnConflict *OnConflict // or nil
		Returning  []SelectItem
	}
	// Update is UPDATE t [AS a] SET … [FROM …] [WHERE] [RETURNING].
	Update struct {
		Pos
		Table     Name
		Alias     string
		Set       []Assignment
		From      []TableExpr
		Where     Expr
		Returning []SelectItem
	}
	// Delete is DELETE FROM t [AS a] [USING …] [WHERE] [RETURNING].
	Delete struct {
		Pos
		Table     Name
		Alias     string
		Using     []TableExpr
		Where     Expr
		Returning []SelectItem
	}
	// Subscribe is SUBSCRIBE [TO] name|(query) [AS OF …] [WITH (…)].
	Subscribe struct {
		Pos
		Name     *Name // or nil
		Query    Query // or nil
		AsOf     Expr  // AS OF TIMESTAMP|OFFSET x, or nil
		AsOfKind string
		With     []Option
	}
	// Explain is EXPLAIN [ANALYZE] [(options)] statement.
	Explain struct {
		Pos
		Analyze bool
		Options []Option
		Stmt    Stmt
	}
	// Show is SHOW name: a setting ("server_version", "transaction isolation level", "all") or, with Objects set,
	// a kind of objects: "streams", "tables", "views", "materialized views", "topics", "functions", "queries".
	Show struct {
		Pos
		Objects  bool
		What     string
		Extended bool
	}
	// Describe is DESCRIBE name [EXTENDED].
	Describe struct {
		Pos
		Name     Name
		Extended bool
	}
	// Set is SET [SESSION|LOCAL] name = values; Values nil with Default set is SET … TO DEFAULT. SET TIME ZONE is
	// Set{Name: "timezone"}, SET TRANSACTION … and SET SESSION CHARACTERISTICS … are SetTransaction.
	Set struct {
		Pos
		Local   bool
		Name    string
		Values  []string
		Default bool
	}
	// Reset is RESET name, or RESET ALL (Name "all").
	Reset struct {
		Pos
		Name string
	}
	// SetTransaction holds the modes as written, lower case ("isolation level serializable", "read only").
	SetTransaction struct {
		Pos
		Session bool
		Modes   []string
	}
	// Transaction is BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT: Op is "begin", "commit" or "rollback".
	Transaction struct {
		Pos
		Op    string
		Modes []string
		Chain bool
	}
	// Savepoint is SAVEPOINT, RELEASE, ROLLBACK TO: Op is "savepoint", "release" or "rollback to".
	Savepoint struct {
		Pos
		Op   string
		Name string
	}
	// Prepare is PREPARE name [(types)] AS statement; Execute runs it; Deallocate drops it (Name "" = ALL).
	Prepare struct {
		Pos
		Name  string
		Types []*TypeName
		Stmt  Stmt
	}
	Execute struct {
		Pos
		Name string
		Args []Expr
	}
	Deallocate struct {
		Pos
		Name string
	}
	// Declare is DECLARE name … CURSOR [WITH HOLD] FOR statement (a query or SUBSCRIBE).
	Declare struct {
		Pos
		Name   string
		Hold   bool
		Scroll bool
		Binary bool
		Stmt   Stmt
	}
	// Fetch is FETCH or MOVE: Count rows forward; All; anything but forward is refused by the parser with 0A000.
	Fetch struct {
		Pos
		Move  bool
		Name  string
		Count int64
		All   bool
	}
	// CloseCursor is CLOSE name or CLOSE ALL (Name "").
	CloseCursor struct {
		Pos
		Name string
	}
	// Copy is COPY (query) TO STDOUT, COPY name TO STDOUT or COPY name [(cols)] FROM STDIN.
	Copy struct {
		Pos
		Stmt    Stmt // QueryStmt or Subscribe, or nil
		Table   *Name
		Columns []string
		From    bool
		Options []Option
	}
	// Discard is DISCARD ALL | PLANS | ….
	Discard struct {
		Pos
		What string
	}
	// NoOp is accepted and does nothing: ANALYZE, VACUUM, CHECKPOINT … Tag is the command tag.
	NoOp struct {
		Pos
		Tag string
	}
	// Unsupported has no execution: 0A000 that names Feature. Text is the statement as written, from its first word; Stmt is
	// its tree where the grammar is read whole, else nil.
	Unsupported struct {
		Pos
		Feature string
		Text    string
		Stmt    Stmt
	}
)

// ColumnDef is one column of CREATE.
type ColumnDef struct {
	Pos
	Name       string
	Type       *TypeName
	NotNull    bool
	PrimaryKey bool
	Key        bool // ksqlDB: KEY (stream)
	Default    Expr
	Headers    string // ksqlDB: HEADERS or HEADER('name'); "" = none, "*" = HEADERS
}

// Watermark is WATERMARK FOR column AS expr [WITH TTL].
type Watermark struct {
	Pos
	Column string
	X      Expr
	TTL    bool
}

// OnConflict is ON CONFLICT [(columns) | ON CONSTRAINT name] DO NOTHING | DO UPDATE SET … [WHERE …].
type OnConflict struct {
	Pos
	Columns    []string
	Constraint string
	Nothing    bool
	Set        []Assignment
	Where      Expr
}

// Option is one name = value of WITH (…), EXPLAIN (…) or COPY (…). Name is lower case.
type Option struct {
	Pos
	Name  string
	Value string
	Bare  bool // no value was given
}

// ColumnRef is a column name with its place.
type ColumnRef struct {
	Pos
	Name string
}

// Assignment is column = value of UPDATE.
type Assignment struct {
	Pos
	Column string
	X      Expr
}

func (*QueryStmt) stmt()      {}
func (*Create) stmt()         {}
func (*Drop) stmt()           {}
func (*Insert) stmt()         {}
func (*Update) stmt()         {}
func (*Delete) stmt()         {}
func (*Subscribe) stmt()      {}
func (*Explain) stmt()        {}
func (*Show) stmt()           {}
func (*Describe) stmt()       {}
func (*Set) stmt()            {}
func (*Reset) stmt()          {}
func (*SetTransaction) stmt() {}
func (*Transaction) stmt()    {}
func (*Savepoint) stmt()      {}
func (*Prepare) stmt()        {}
func (*Execute) stmt()        {}
func (*Deallocate) stmt()     {}
func (*Declare) stmt()        {}
func (*Fetch) stmt()          {}
func (*CloseCursor) stmt()    {}
func (*Copy) stmt()           {}
func (*Discard) stmt()        {}
func (*NoOp) stmt()           {}
func (*Unsupported) stmt()    {}
