package expr

import (
	"testing"

	"streamsql/internal/types"
)

func TestKSQLTimes(t *testing.T) {
	date := func(days int64) typed { return typed{types.T(types.Date), types.IntValue(days - unixEpochDays)} }
	clock := func(ms int64) typed { return typed{types.T(types.Time), types.IntValue(ms * 1000)} }
	stamp := func(ms int64) typed { return typed{types.T(types.Timestamp), types.IntValue(ms*1000 + unixEpoch)} }
	runKSQL(t, []ksqlCase{
		{"datetostring", args(18993, "dd-MMM-yyyy"), "01-Jan-2022"}, {"datetostring", args(-1, "dd-MM-yyyy'Sophia'"), "31-12-1969Sophia"}, {"datetostring", args(0, "HH"), "!22023"}, {"datetostring", args(0, "bad{"), "!22023"},
		{"format_date", args(date(18027), "dd/MM/yyyy"), "11/05/2019"}, {"format_date", args(nil, "dd"), "NULL"},
		{"format_time", args(clock(1234567), "HHmmss'AAAAA'"), "002034AAAAA"}, {"format_time", args(clock(65000), "HH_mm_ss_SSS"), "00_01_05_000"}, {"format_time", args(clock(0), "dd"), "!22023"},
		{"timestamptostring", args(int64(1526075913000), "yyyy-MM-dd HH:mm:ss zzz", "Europe/London"), "2018-05-11 22:58:33 BST"}, {"timestamptostring", args(int64(0), "yyyy", "Nowhere"), "!22023"},
		{"timestamptostring", args(int64(1)<<62, "yyyy"), "!22008"}, {"format_timestamp", args(stamp(1526075913000), "yyyy-MM-dd HH:mm:ss zzz", "America/Los_Angeles"), "2018-05-11 14:58:33 PDT"},
		{"parse_date", args("2018-05-11Lit", "yyyy-MM-dd'Lit'"), "2018-05-11"}, {"parse_date", args("JAN-2022", "MMM-yyyy"), "2022-01-01"}, {"parse_date", args("5/1/2020", "dd/MM/yyyy"), "2020-01-05"},
		{"parse_date", args("2018-05-11 13", "yyyy-MM-dd HH"), "!22007"}, {"parse_date", args("1960-02-29", "yyyy-MM-dd"), "1960-02-29"},
		{"parse_time", args("11/05/19", "HH/mm/ss"), "11:05:19"}, {"parse_time", args("01:00:00 Pm", "hh:mm:ss a"), "13:00:00"}, {"parse_time", args("2020", "yyyy"), "!22007"},
		{"stringtodate", args("01-JAN-2022", "dd-MMM-yyyy"), "18993"}, {"stringtodate", args("JAN-2022", "MMM-yyyy"), "!22007"},
		{"stringtotimestamp", args("2020-05-11T21:58:33z", "yyyy-MM-dd'T'HH:mm:ssX"), "1589234313000"}, {"stringtotimestamp", args("2019-08-27T13:31:09.2+0000", "yyyy-MM-dd'T'HH:mm:ss.SX"), "1566912669200"},
		{"stringtotimestamp", args("2019-08-27T13:31:09.2+00", "yyyy-MM-dd'T'HH:mm:ss.SX"), "1566912669200"}, {"stringtotimestamp", args("2020", "yyyy", "+02:00"), "1577829600000"},
		{"parse_timestamp", args("2018-05-11T21:58:33 PST", "yyyy-MM-dd'T'HH:mm:ss zzz"), "2018-05-12 04:58:33"},
		{"unix_timestamp", args(stamp(100)), "100"}, {"unix_timestamp", args(stamp(-1)), "-1"}, {"unix_date", args(date(-3)), "-3"}, {"from_days", args(-1), "1969-12-31"}, {"from_unixtime", args(int64(1)), "1970-01-01 00:00:00.001"},
		{"convert_tz", args(stamp(1589234313000), "+0200", "+0500"), "2020-05-12 00:58:33"}, {"convert_tz", args(stamp(100), "America/Los_Angeles", "America/New_York"), "1970-01-01 03:00:00.1"}, {"convert_tz", args(stamp(100), "UTC", "Moon"), "!22023"},
		{"timeadd", args("MILLISECONDS", 10, clock(86399995)), "00:00:00.005"}, {"timesub", args("HOUR", 1, clock(0)), "23:00:00"}, {"timeadd", args("days", 7, clock(5)), "00:00:00.005"}, {"timeadd", args("EONS", 7, clock(5)), "!22023"},
		{"timeadd", args(clock(1), 5, clock(1)), "!42883"}, {"timestampadd", args("DAYS", -1, stamp(0)), "1969-12-31 00:00:00"}, {"timestampadd", args("DAYS", 2147483647, stamp(0)), "!22008"}, {"timestampsub", args("SECOND", nil, stamp(0)), "NULL"},
		{"dateadd", args("DAYS", 3, date(0)), "1970-01-04"}, {"dateadd", args("HOURS", 25, date(0)), "1970-01-02"}, {"datesub", args("HOURS", 1, date(1)), "1970-01-01"}, {"dateadd", args("HOURS", 1, date(-1)), "1970-01-01"}, {"dateadd", args("DAYS", 2147483647, date(0)), "!22008"},
	})
}
