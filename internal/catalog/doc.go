// Package catalog says what exists: streams, tables, views and their columns. It keeps SQL text, never a syntax tree,
// and no run-time state. A Catalog is an immutable snapshot: With… methods return a new one, so a statement plans
// against one version while DDL goes on.
package catalog
