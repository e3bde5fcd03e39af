// Package parser turns SQL text into sql/ast.
//
// The dialect is PostgreSQL's, plus the streaming statements of ksqlDB and its relatives. The journey of one text:
//
//	text -> sql/token (PostgreSQL's lexical rules) -> one statement at a time -> a head of ours (statement*.go)
//	-> lowering (lower*.go): the query is walked and written again as MySQL text, with what MySQL lacks as calls of
//	marker functions and with a side table -> TiDB's parser (tidb.go) -> convert.go -> sql/ast
//
// Only tidb.go and convert.go import TiDB; everything else is free of it. What the lowering promises:
//
//   - Every name, number, string and parameter is read by our lexer; nothing of the user's text reaches TiDB raw.
//   - Operator precedence is PostgreSQL's. Where MySQL's grammar groups the same way the operators go out bare;
//     where it does not, the walker adds the parentheses.
//   - Each piece of the lowered text knows the byte of the user's text it stands for, so every node and every error
//     has a position there.
//
// The ksql dialect differs in names (upper case unless quoted, dialect.go), in what GROUP BY and LIMIT may hold and in having no
// ORDER BY of a query, as in ksqlDB; DEFINE's variables are put in before lexing. A statement without execution arrives as
// ast.Unsupported, with its tree inside where the grammar is read whole (ksql.go).
//
// Texts are bounded: textBytesMax bytes, nestingMax levels, chainLinksMax operators in a row.
package parser
