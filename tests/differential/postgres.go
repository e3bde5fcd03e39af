package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// oracle is a PostgreSQL server that answers batches of expressions.
type oracle struct {
	conn  *pgconn.PgConn
	types map[[2]int64]string // OID and modifier -> format_type's name
}

func connect(ctx context.Context, url string) (*oracle, error) {
	conn, err := pgconn.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	o := &oracle{conn: conn, types: map[[2]int64]string{}}
	// The time limit guards against expressions that are merely slow; one that hits it fails the comparison.
	return o, o.exec(ctx, "SET statement_timeout = '10s'")
}

func (o *oracle) exec(ctx context.Context, sql string) error {
	_, err := o.conn.Exec(ctx, sql).ReadAll()
	return err
}

// column returns the first column of a query's rows.
func (o *oracle) column(ctx context.Context, sql string) ([]string, error) {
	rs, err := o.conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rs[len(rs)-1].Rows {
		out = append(out, string(r[0]))
	}
	return out, nil
}

// eval answers SELECT text for each of texts in one pipeline.
func (o *oracle) eval(ctx context.Context, texts []string) ([]outcome, error) {
	out := make([]outcome, len(texts))
	oids := make([][2]int64, len(texts))
	p := o.conn.StartPipeline(ctx)
	for start := 0; start < len(texts); start += 100 {
		end := min(start+100, len(texts))
		for _, t := range texts[start:end] {
			p.SendPrepare("", "SELECT "+t, nil)
			p.SendQueryPrepared("", nil, nil, nil)
			p.SendPipelineSync()
		}
		if err := p.Flush(); err != nil {
			return nil, err
		}
		for i := start; i < end; i++ {
			if err := o.read(p, &out[i], &oids[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", texts[i], err)
			}
		}
	}
	if err := p.Close(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].code == "" {
			name, err := o.typeName(ctx, oids[i])
			if err != nil {
				return nil, err
			}
			out[i].typ = name
		}
	}
	return out, nil
}

// read takes the results of one query up to its Sync. The type is the statement's: a portal is described by the plan,
// where COALESCE(bit(1) constant, bit) has become its first argument and has a length that the query does not have.
func (o *oracle) read(p *pgconn.Pipeline, out *outcome, oid *[2]int64) error {
	for {
		res, err := p.GetResults()
		if err != nil {
			if !setError(out, err) {
				return err
			}
			continue
		}
		switch res := res.(type) {
		case *pgconn.PipelineSync:
			return nil
		case *pgconn.StatementDescription:
			fd := res.Fields[0]
			*oid = [2]int64{int64(fd.DataTypeOID), int64(fd.TypeModifier)}
		case *pgconn.ResultReader:
			for res.NextRow() {
				v := res.Values()[0]
				out.null, out.text = v == nil, string(v)
			}
			if _, err := res.Close(); err != nil && !setError(out, err) {
				return err
			}
		}
	}
}

func setError(out *outcome, err error) bool {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		return false
	}
	*out = outcome{code: pe.Code, msg: pe.Message}
	return true
}

func (o *oracle) typeName(ctx context.Context, oid [2]int64) (string, error) {
	if n, ok := o.types[oid]; ok {
		return n, nil
	}
	names, err := o.column(ctx, fmt.Sprintf("SELECT format_type(%d, %d)", oid[0], oid[1]))
	if err != nil {
		return "", err
	}
	o.types[oid] = strings.ReplaceAll(strings.TrimSpace(names[0]), `"bit"`, "bit") // quoted where it has no length
	return o.types[oid], nil
}
