package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/planner"
	"streamsql/sql/ast"
	"streamsql/sql/format"
	"streamsql/sql/parser"
)

// DatabaseName is the one database there is.
const DatabaseName = "streamsql"

// clientSession is one client's session. One goroutine at a time uses it.
type clientSession struct {
	e        *Engine
	ctx      context.Context // until Close: push queries of cursors live as long
	stop     context.CancelFunc
	id       int64
	user     string
	settings *settings
	tx       transaction
	cursors  map[string]*cursor
	prepared map[string]*statement
	notices  []session.Notice
	// variables are DEFINE's, and asserted where ASSERT VALUES reads each topic next.
	variables map[string]string
	asserted  map[string]connectors.Offsets
	// wrote is where this session's writes are, by object: its next SELECT waits until they are in a closed tick.
	wrote map[uint64]connectors.Offsets
}

// Open starts a session.
func (e *Engine) Open(ctx context.Context, params map[string]string) (session.Session, error) {
	if e.ctx.Err() != nil {
		return nil, errShutdown
	}
	cs := &clientSession{e: e, id: e.sessions.next.Add(1), user: params["user"], cursors: map[string]*cursor{},
		prepared: map[string]*statement{}, wrote: map[uint64]connectors.Offsets{}}
	cs.settings = newSettings(e.cfg.Version, e.objectName)
	if err := cs.settings.startup(params); err != nil {
		return nil, err
	}
	cs.ctx, cs.stop = context.WithCancel(e.ctx)
	e.sessions.open.Add(1)
	return cs, nil
}

// Close ends the session: cursors and open push queries end with it.
func (cs *clientSession) Close() {
	cs.closeCursors(true)
	cs.stop()
	cs.e.sessions.open.Add(-1)
}

// Parse reads a text. A text of several statements binds each when it is executed, since one may make what the next
// one reads; a single statement is bound at once.
func (cs *clientSession) Parse(ctx context.Context, text string, paramTypes []types.Type) ([]session.Statement, error) {
	text, err := cs.substituted(text)
	if err != nil {
		return nil, err
	}
	ps, err := parser.Parse(text, parser.Options{Dialect: dialectOf(cs.settings.get("dialect"))})
	if err != nil {
		return nil, err
	}
	out := make([]session.Statement, len(ps))
	for i, p := range ps {
		s := &statement{cs: cs, text: text[p.Start:p.End], tree: executable(p.Stmt), paramTypes: paramTypes}
		if len(ps) == 1 {
			if err := s.bind(ctx); err != nil {
				return nil, err
			}
		}
		out[i] = s
	}
	return out, nil
}

// Execute runs a statement.
func (cs *clientSession) Execute(ctx context.Context, st session.Statement, args []types.Value) (session.Result, error) {
	s := st.(*statement)
	if cs.tx.failed && !endsTransaction(s.tree) {
		return nil, pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	deadline := cs.deadline()
	ctx, cancel := deadline.on(ctx)
	defer cancel()
	r, err := cs.run(ctx, s, args)
	if err != nil {
		cs.Fail()
		return nil, cs.ended(ctx, err)
	}
	return deadline.watch(cs, r), nil
}

// ended gives the error of a statement whose context is done, or whose server is stopping, its right name.
func (cs *clientSession) ended(ctx context.Context, err error) error {
	switch {
	case cs.e.ctx.Err() != nil && (ctx.Err() != nil || isCode(err, pgerr.QueryCanceled)):
		return errShutdown
	case ctx.Err() != nil && !isCode(err, pgerr.QueryCanceled):
		return canceled(ctx)
	}
	return err
}

func isCode(err error, code string) bool {
	var p *pgerr.Error
	return errors.As(err, &p) && p.Code == code
}

// endsTransaction reports the statements that a failed transaction takes: those that end it, or its failed part.
func endsTransaction(s ast.Stmt) bool {
	switch t := s.(type) {
	case *ast.Transaction:
		return t.Op != "begin"
	case *ast.Savepoint:
		return t.Op == "rollback to"
	}
	return false
}

// Fail marks an open transaction as failed.
func (cs *clientSession) Fail() {
	if cs.tx.open {
		cs.tx.failed = true
	}
}

// TxStatus is what ReadyForQuery reports.
func (cs *clientSession) TxStatus() session.TxStatus {
	switch {
	case cs.tx.failed:
		return session.Failed
	case cs.tx.open:
		return session.InTx
	}
	return session.Idle
}

// Cursor describes an open SQL cursor.
func (cs *clientSession) Cursor(name string) ([]session.Column, bool) {
	c := cs.cursors[name]
	if c == nil {
		return nil, false
	}
	return c.res.Columns(), true
}

// Format is how values are written as text now.
func (cs *clientSession) Format() *types.Format { return cs.settings.format }

// Status returns the reported settings, Changed those that changed since the last call.
func (cs *clientSession) Status() []session.Setting  { return cs.settings.reported() }
func (cs *clientSession) Changed() []session.Setting { return cs.settings.takeChanged() }

// Notices returns and forgets the notices since the last call.
func (cs *clientSession) Notices() []session.Notice {
	n := cs.notices
	cs.notices = nil
	return n
}

func (cs *clientSession) notice(severity, code, msg string) {
	cs.notices = append(cs.notices, session.Notice{Severity: severity, Code: code, Message: msg})
}

// env is what a statement's expressions may ask. Its time is the statement's.
func (cs *clientSession) env() *expr.Env {
	env := *cs.e.env
	env.Format, env.Now, env.User = cs.settings.format, cs.e.now(), cs.user
	env.Lookup = &lookup{e: cs.e, settings: cs.settings}
	return &env
}

func (cs *clientSession) options(life planner.Lifetime, ps []types.Type) planner.Options {
	return planner.Options{Lifetime: life, Env: cs.env(), ParamTypes: ps, Dialect: cs.settings.get("dialect"), Properties: cs.properties()}
}

// lookup answers catalog functions.
type lookup struct {
	e        *Engine
	settings *settings // nil outside sessions
}

func (l *lookup) RelationName(oid uint32) (string, bool) {
	if o := l.e.catalog.Load().ByOID(oid); o != nil {
		return o.Name, true
	}
	return "", false
}

// objectName is the text of a regclass or regnamespace: the name, with its schema where the search path lacks it.
func (e *Engine) objectName(k types.Kind, oid uint32) (string, bool) {
	switch k {
	case types.Regclass:
		o := e.catalog.Load().ByOID(oid)
		if o == nil {
			return "", false
		}
		name := format.Ident(o.Name)
		if !slices.Contains(catalog.SearchPath, o.Schema) {
			name = format.Ident(o.Schema) + "." + name
		}
		return name, true
	case types.Regnamespace:
		for _, s := range schemas {
			if s.oid == oid {
				return s.name, true
			}
		}
	}
	return "", false
}

func (l *lookup) RelationOID(name string) (uint32, bool) {
	if o := l.e.catalog.Load().Lookup(strings.Split(name, ".")); o != nil {
		return o.OID, true
	}
	return 0, false
}

func (l *lookup) Setting(name string) (string, bool) {
	if l.settings == nil {
		return "", false
	}
	return l.settings.lookup(name)
}

// SetSetting implements expr.SettingChanger.
func (l *lookup) SetSetting(name, value string, local bool) (string, error) {
	if l.settings == nil {
		return "", pgerr.Unsupported(pgerr.NoPos, "set_config() outside of a session")
	}
	set := l.settings.set
	switch {
	case local && l.settings.before == nil: // without a transaction block it ends with this statement
		return checkSetting(name, value)
	case local:
		set = l.settings.setLocal
	}
	if err := set(name, value); err != nil {
		return "", err
	}
	return l.settings.get(name), nil
}

func (l *lookup) ViewDefinition(oid uint32) (string, bool) {
	if o := l.e.catalog.Load().ByOID(oid); o != nil && o.Query != "" {
		return o.Query, true
	}
	return "", false
}

// createStmt runs CREATE and waits until the object can be read.
func (cs *clientSession) createStmt(ctx context.Context, s *statement, c *ast.Create) (session.Result, error) {
	if cs.tx.open && cs.tx.wrote() {
		return nil, pgerr.Unsupported(int(c.Pos), "CREATE in a transaction that has written")
	}
	made, err := cs.e.createObject(ctx, cs.definition(c, s.text))
	if err != nil {
		return nil, err
	}
	cs.tx.ddl = cs.tx.open
	if made.object == nil {
		cs.notice("NOTICE", pgerr.DuplicateTable, `relation "`+c.Name.Last()+`" already exists, skipping`)
	}
	if err := made.wait(ctx); err != nil {
		if !made.replaced {
			cs.e.undoCreate(made.object, s.text)
		}
		return nil, err
	}
	if made.replaced {
		if err := cs.e.Checkpoint(ctx); err != nil { // from here on a restart goes on with the new query
			return nil, err
		}
	}
	return tagResult("CREATE " + strings.ToUpper(string(c.Kind))), nil
}

// definition is a CREATE of this session.
func (cs *clientSession) definition(c *ast.Create, text string) *definition {
	return &definition{tree: c, text: text, dialect: cs.settings.get("dialect"), properties: cs.properties()}
}

// properties are ksqlDB's settings in the ksql dialect.
func (cs *clientSession) properties() map[string]string {
	if cs.settings.get("dialect") != "ksql" {
		return nil
	}
	return cs.settings.withPrefix("ksql.")
}

// undoMax bounds how long a failed CREATE holds other DDL up while it cleans up.
const undoMax = 10 * time.Second

// undoCreate drops an object whose start failed or was cancelled.
func (e *Engine) undoCreate(obj *catalog.Object, text string) {
	if e.ctx.Err() != nil {
		return // the server stops: the command is in the log, and the next start obeys it
	}
	// The statement may have been cancelled: what it made goes away all the same, as far as the broker lets us.
	ctx, cancel := context.WithTimeout(e.ctx, undoMax)
	defer cancel()
	if e.ddl.lock(ctx) != nil {
		return
	}
	defer e.ddl.unlock()
	if e.catalog.Load().ByID(obj.ID) == nil {
		return // dropped meanwhile; the name and the topic may be another's by now
	}
	all, err := withDependents(e.catalog.Load(), []*catalog.Object{obj}, true)
	if err != nil {
		return
	}
	ids := make([]uint64, len(all))
	for i, o := range all {
		ids[i] = o.ID
	}
	version, err := e.append(ctx, command{Op: "drop", SQL: "/* undone */ " + text, IDs: ids})
	if err != nil {
		e.log.Error("object could not be dropped after its start failed", "view", obj.Name, "err", err)
		return
	}
	for _, o := range all {
		e.uninstall(o, version)
	}
	if obj.Owned {
		if err := e.cluster.DeleteTopic(ctx, obj.Connector.Topic); err != nil {
			e.log.Warn("topic could not be deleted", "source", obj.Name, "err", err)
		}
	}
}

// noteWrites remembers where this session's writes are.
func (cs *clientSession) noteWrites(id uint64, at connectors.Offsets) {
	w := maps.Clone(cs.wrote[id])
	if w == nil {
		w = connectors.Offsets{}
	}
	for p, o := range at {
		w[p] = max(w[p], o)
	}
	cs.wrote[id] = w
}

// othersWritesMax is how long a statement waits for what other sessions have written: a tick is milliseconds away, but
// a broker that went away must not hold up those who only read.
const othersWritesMax = 500 * time.Millisecond

// acknowledgedWrites waits until what any session has been told is written is in a closed tick, so that who hears of a
// commit sees it.
func (e *Engine) acknowledgedWrites(ctx context.Context) {
	if e.unseenLen.Load() == 0 {
		return
	}
	e.wroteMu.Lock()
	at := maps.Clone(e.unseen) // positions are replaced, never changed
	e.wroteMu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, othersWritesMax)
	defer cancel()
	if e.waitUntil(ctx, func() bool { return e.covers(at) }) != nil {
		return
	}
	e.wroteMu.Lock()
	defer e.wroteMu.Unlock()
	for id, pos := range at {
		if pos.Covers(e.unseen[id]) {
			delete(e.unseen, id)
		}
	}
	e.unseenLen.Store(int32(len(e.unseen)))
}

// ownWrites waits until what this session wrote is in a closed tick, and, if that does not take long, what others did.
func (cs *clientSession) ownWrites(ctx context.Context) error {
	cs.e.acknowledgedWrites(ctx)
	if len(cs.wrote) == 0 {
		return nil
	}
	err := cs.e.waitUntil(ctx, func() bool { return cs.e.covers(cs.wrote) })
	if err == nil {
		clear(cs.wrote)
	}
	return err
}

// covers reports whether the closed tick contains all of the given positions. Tick lock held.
func (e *Engine) covers(at map[uint64]connectors.Offsets) bool {
	for id, pos := range at {
		r := e.rels[id]
		if r == nil || !r.live || r.src == nil || r.isFailed() || r.src.stop == nil || r.src.dead != nil {
			continue // nothing keeps it up to date: its log is read when it is asked for
		}
		if !r.src.pos.Covers(pos) {
			return false
		}
	}
	return true
}
