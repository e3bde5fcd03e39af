package expr

// Days counted from 4714-11-24 BC in the Gregorian calendar, as PostgreSQL counts them. Years are astronomical: 0 is
// 1 BC. Months and days may be beyond their ranges: to_char of an interval asks for the week of "day 40 of month 0".

const julian2000 = 2451545 // 2000-01-01

// julianDay wraps around where years are far beyond the calendar, as the 32 bits of PostgreSQL's do.
func julianDay(year, month, day int) int {
	y, m, d := int32(year), int32(month), int32(day)
	if m > 2 {
		m++
		y += 4800
	} else {
		m += 13
		y += 4799
	}
	century := y / 100
	return int(y*365 - 32167 + y/4 - century + century/4 + 7834*m/256 + d)
}

// julianDate is julianDay's inverse.
func julianDate(day int) (y, m, d int) {
	j := uint32(day) + 32044
	quad := j / 146097
	extra := (j-quad*146097)*4 + 3
	j += 60 + quad*3 + extra/146097
	quad = j / 1461
	j -= quad * 1461
	year := j * 4 / 1461
	if year != 0 {
		j = (j+305)%365 + 123
	} else {
		j = (j+306)%366 + 123
	}
	y = int(int32(year+quad*4)) - 4800
	quad = j * 2141 / 65536
	return y, int((quad+10)%12 + 1), int(j - 7834*quad/256)
}

// isoYearStart is the Monday of the first week of a year by ISO 8601.
func isoYearStart(year int) int {
	fourth := julianDay(year, 1, 4)
	return fourth - (fourth%7+7)%7
}

// isoWeek gives the ISO 8601 year and week of a date.
func isoWeek(y, m, d int) (year, week int) {
	day := julianDay(y, m, d)
	year = y
	start := isoYearStart(year)
	if day < start {
		year--
		start = isoYearStart(year)
	}
	week = (day-start)/7 + 1
	if week >= 52 {
		if next := isoYearStart(year + 1); day >= next && year == y {
			return year + 1, (day-next)/7 + 1
		}
	}
	return year, week
}
