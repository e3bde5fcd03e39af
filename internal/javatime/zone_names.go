package javatime

// longName is what an abbreviation stands for. Some stand for several zones; the one whose offset fits is written.
type longName struct {
	name   string
	zone   string // what a text with the abbreviation or the name is in
	offset int64  // seconds
	next   *longName
}

// nameAt returns the name that has the offset, else the first.
func (n *longName) nameAt(offset int64) string {
	for m := n; m != nil; m = m.next {
		if m.offset == offset {
			return m.name
		}
	}
	return n.name
}

const hour = 3600

// abbreviations are those that zones of the IANA database use, Java's choice among several zones first.
var abbreviations = []struct {
	abbrev string
	longName
}{
	{"PST", longName{name: "Pacific Standard Time", zone: "America/Los_Angeles", offset: -8 * hour}},
	{"PDT", longName{name: "Pacific Daylight Time", zone: "America/Los_Angeles", offset: -7 * hour}},
	{"MST", longName{name: "Mountain Standard Time", zone: "America/Denver", offset: -7 * hour}},
	{"MDT", longName{name: "Mountain Daylight Time", zone: "America/Denver", offset: -6 * hour}},
	{"CST", longName{name: "Central Standard Time", zone: "America/Chicago", offset: -6 * hour}},
	{"CST", longName{name: "China Standard Time", zone: "Asia/Shanghai", offset: 8 * hour}},
	{"CST", longName{name: "Cuba Standard Time", zone: "America/Havana", offset: -5 * hour}},
	{"CDT", longName{name: "Central Daylight Time", zone: "America/Chicago", offset: -5 * hour}},
	{"CDT", longName{name: "Cuba Daylight Time", zone: "America/Havana", offset: -4 * hour}},
	{"EST", longName{name: "Eastern Standard Time", zone: "America/New_York", offset: -5 * hour}},
	{"EDT", longName{name: "Eastern Daylight Time", zone: "America/New_York", offset: -4 * hour}},
	{"AST", longName{name: "Atlantic Standard Time", zone: "America/Halifax", offset: -4 * hour}},
	{"ADT", longName{name: "Atlantic Daylight Time", zone: "America/Halifax", offset: -3 * hour}},
	{"NST", longName{name: "Newfoundland Standard Time", zone: "America/St_Johns", offset: -12600}},
	{"NDT", longName{name: "Newfoundland Daylight Time", zone: "America/St_Johns", offset: -9000}},
	{"AKST", longName{name: "Alaska Standard Time", zone: "America/Anchorage", offset: -9 * hour}},
	{"AKDT", longName{name: "Alaska Daylight Time", zone: "America/Anchorage", offset: -8 * hour}},
	{"HST", longName{name: "Hawaii-Aleutian Standard Time", zone: "Pacific/Honolulu", offset: -10 * hour}},
	{"PT", longName{name: "Pacific Time", zone: "America/Los_Angeles"}},
	{"MT", longName{name: "Mountain Time", zone: "America/Denver"}},
	{"CT", longName{name: "Central Time", zone: "America/Chicago"}},
	{"ET", longName{name: "Eastern Time", zone: "America/New_York"}},
	{"UTC", longName{name: "Coordinated Universal Time", zone: "UTC"}},
	{"GMT", longName{name: "Greenwich Mean Time", zone: "GMT"}},
	{"BST", longName{name: "British Summer Time", zone: "Europe/London", offset: hour}},
	{"IST", longName{name: "India Standard Time", zone: "Asia/Kolkata", offset: 19800}},
	{"IST", longName{name: "Irish Standard Time", zone: "Europe/Dublin", offset: hour}},
	{"IST", longName{name: "Israel Standard Time", zone: "Asia/Jerusalem", offset: 2 * hour}},
	{"IDT", longName{name: "Israel Daylight Time", zone: "Asia/Jerusalem", offset: 3 * hour}},
	{"WET", longName{name: "Western European Standard Time", zone: "WET"}},
	{"WEST", longName{name: "Western European Summer Time", zone: "WET", offset: hour}},
	{"CET", longName{name: "Central European Standard Time", zone: "Europe/Paris", offset: hour}},
	{"CEST", longName{name: "Central European Summer Time", zone: "Europe/Paris", offset: 2 * hour}},
	{"EET", longName{name: "Eastern European Standard Time", zone: "EET", offset: 2 * hour}},
	{"EEST", longName{name: "Eastern European Summer Time", zone: "EET", offset: 3 * hour}},
	{"MSK", longName{name: "Moscow Standard Time", zone: "Europe/Moscow", offset: 3 * hour}},
	{"SAST", longName{name: "South Africa Standard Time", zone: "Africa/Johannesburg", offset: 2 * hour}},
	{"WAT", longName{name: "West Africa Standard Time", zone: "Africa/Lagos", offset: hour}},
	{"CAT", longName{name: "Central Africa Time", zone: "Africa/Maputo", offset: 2 * hour}},
	{"EAT", longName{name: "East Africa Time", zone: "Africa/Nairobi", offset: 3 * hour}},
	{"PKT", longName{name: "Pakistan Standard Time", zone: "Asia/Karachi", offset: 5 * hour}},
	{"WIB", longName{name: "Western Indonesia Time", zone: "Asia/Jakarta", offset: 7 * hour}},
	{"HKT", longName{name: "Hong Kong Standard Time", zone: "Asia/Hong_Kong", offset: 8 * hour}},
	{"JST", longName{name: "Japan Standard Time", zone: "Asia/Tokyo", offset: 9 * hour}},
	{"KST", longName{name: "Korean Standard Time", zone: "Asia/Seoul", offset: 9 * hour}},
	{"AWST", longName{name: "Australian Western Standard Time", zone: "Australia/Perth", offset: 8 * hour}},
	{"ACST", longName{name: "Australian Central Standard Time", zone: "Australia/Darwin", offset: 34200}},
	{"ACDT", longName{name: "Australian Central Daylight Time", zone: "Australia/Adelaide", offset: 37800}},
	{"AEST", longName{name: "Australian Eastern Standard Time", zone: "Australia/Sydney", offset: 10 * hour}},
	{"AEDT", longName{name: "Australian Eastern Daylight Time", zone: "Australia/Sydney", offset: 11 * hour}},
	{"NZST", longName{name: "New Zealand Standard Time", zone: "Pacific/Auckland", offset: 12 * hour}},
	{"NZDT", longName{name: "New Zealand Daylight Time", zone: "Pacific/Auckland", offset: 13 * hour}},
}

// longNames are the abbreviations' meanings.
var longNames = map[string]*longName{}

func init() {
	for i := len(abbreviations) - 1; i >= 0; i-- {
		a := &abbreviations[i]
		a.next = longNames[a.abbrev]
		longNames[a.abbrev] = &a.longName
	}
}
