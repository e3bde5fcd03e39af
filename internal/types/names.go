package types

import (
	"iter"
	"maps"
	"strings"
)

// kindInfo is what PostgreSQL's catalog says about a kind.
type kindInfo struct {
	kind  Kind
	oid   uint32
	array uint32 // OID of the array type
	size  int16  // pg_type.typlen
	names string // what SQL calls it, by commas
}

var kindTable = []kindInfo{
	{Bool, 16, 1000, 1, "bool,boolean"},
	{Bytea, 17, 1001, -1, "bytea,bytes,varbinary"},
	{QChar, 18, 1002, 1, `"char"`},
	{Name, 19, 1003, 64, "name"},
	{Int8, 20, 1016, 8, "int8,bigint"},
	{Int2, 21, 1005, 2, "int2,smallint"},
	{Int4, 23, 1007, 4, "int4,int,integer"},
	{Regproc, 24, 1008, 4, "regproc"},
	{Text, 25, 1009, -1, "text,string"},
	{OID, 26, 1028, 4, "oid"},
	{JSON, 114, 199, -1, "json"},
	{CIDR, 650, 651, -1, "cidr"},
	{Float4, 700, 1021, 4, "float4,real"},
	{Float8, 701, 1022, 8, "float8,double,double precision,float"},
	{Unknown, 705, 0, -2, "unknown"},
	{MacAddr, 829, 1040, 6, "macaddr"},
	{Inet, 869, 1041, -1, "inet"},
	{Char, 1042, 1014, -1, "bpchar,char,character,nchar,national char,national character"},
	{Varchar, 1043, 1015, -1, "varchar,character varying,char varying,nchar varying"},
	{Date, 1082, 1182, 4, "date"},
	{Time, 1083, 1183, 8, "time,time without time zone"},
	{TimeTZ, 1266, 1270, 12, "timetz,time with time zone"},
	{Timestamp, 1114, 1115, 8, "timestamp,timestamp without time zone"},
	{TimestampTZ, 1184, 1185, 8, "timestamptz,timestamp with time zone"},
	{Interval, 1186, 1187, 16, "interval"},
	{Bit, 1560, 1561, -1, "bit"},
	{Varbit, 1562, 1563, -1, "varbit,bit varying"},
	{Numeric, 1700, 1231, -1, "numeric,decimal,dec"},
	{Regclass, 2205, 2210, 4, "regclass"},
	{Regtype, 2206, 2211, 4, "regtype"},
	{Record, 2249, 2287, -1, "record"},
	{Void, 2278, 0, 4, "void"},
	{UUID, 2950, 2951, 16, "uuid"},
	{JSONB, 3802, 3807, -1, "jsonb"},
	{JSONPath, 4072, 4073, -1, "jsonpath"},
	{Regnamespace, 4089, 4090, 4, "regnamespace"},
}

var (
	kindByName = map[string]Kind{}
	infoByKind = map[Kind]*kindInfo{}
	typeByOID  = map[uint32]Type{}
)

func init() {
	for i := range kindTable {
		k := &kindTable[i]
		infoByKind[k.kind] = k
		typeByOID[k.oid] = T(k.kind)
		if k.array != 0 {
			typeByOID[k.array] = ArrayOf(T(k.kind))
		}
		for n := range strings.SplitSeq(k.names, ",") {
			kindByName[n] = k.kind
		}
	}
}

// ByName finds a kind by one of its SQL names in any case, words separated by single spaces: "int", "integer", "double
// precision", "string". The modifiers' defaults (char is char(1)) are the caller's.
func ByName(name string) (Kind, bool) {
	k, ok := kindByName[strings.ToLower(name)]
	return k, ok
}

// Names returns the names that ByName knows, in no order.
func Names() iter.Seq[string] { return maps.Keys(kindByName) }

// OID returns the type's OID in pg_type. A map goes as jsonb.
func (t Type) OID() uint32 {
	switch t.Kind {
	case Map:
		return infoByKind[JSONB].oid
	case Array:
		k := t.Elem.Kind
		if k == Map {
			k = JSONB
		}
		if info := infoByKind[k]; info != nil && info.array != 0 {
			return info.array
		}
		return infoByKind[Text].array
	}
	if info := infoByKind[t.Kind]; info != nil {
		return info.oid
	}
	return 0
}

// ByOID returns the type of an OID.
func ByOID(oid uint32) (Type, bool) {
	t, ok := typeByOID[oid]
	return t, ok
}

// Len returns pg_type.typlen: the width in bytes, -1 when it varies.
func (t Type) Len() int16 {
	if info := infoByKind[t.Kind]; info != nil {
		return info.size
	}
	return -1
}

// TypMod returns the type's modifier as PostgreSQL encodes it in atttypmod; -1 without one.
func (t Type) TypMod() int32 {
	switch t.Kind {
	case Numeric:
		if t.Prec > 0 {
			return (t.Prec<<16 | t.Scale&0x7ff) + 4
		}
	case Varchar, Char:
		if t.Prec > 0 {
			return t.Prec + 4
		}
	case Bit, Varbit:
		if t.Prec > 0 {
			return t.Prec
		}
	case Time, TimeTZ, Timestamp, TimestampTZ:
		if t.Prec != 0 {
			return max(t.Prec, 0)
		}
	case Interval:
		switch {
		case t.Prec != 0:
			return intervalRanges[t.Scale].mask<<16 | max(t.Prec, 0)
		case t.Scale != 0:
			return intervalRanges[t.Scale].mask<<16 | 0xffff
		}
	case Array:
		return t.Elem.TypMod()
	}
	return -1
}

// FromTypMod returns t with the modifier PostgreSQL encodes as mod.
func (t Type) FromTypMod(mod int32) Type {
	switch {
	case mod < 0:
	case t.Kind == Numeric && mod >= 4:
		t.Prec = (mod - 4) >> 16 & 0xffff
		t.Scale = ((mod-4)&0x7ff ^ 1024) - 1024
	case (t.Kind == Varchar || t.Kind == Char) && mod >= 4:
		t.Prec = mod - 4
	case t.Kind == Bit, t.Kind == Varbit, (t.IsTime() || t.Kind == TimeTZ) && mod > 0:
		t.Prec = mod
	case t.IsTime(), t.Kind == TimeTZ:
		t.Prec = NoDigits
	}
	return t
}
