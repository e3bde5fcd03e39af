package operators

// findKept marks the groups that are there: all that the state has, since none is removed.
func (o *aggregate) findKept() {
	o.kept = map[int32]bool{}
	o.slots.Each(func(s int32) bool {
		if o.slots.Vals(s)[0] == 0 {
			o.kept[s] = true
		}
		return true
	})
}

// keepGroups lets groups without rows stay, if that was asked for: gone is emptied.
func (o *aggregate) keepGroups(gone *touched) {
	if !o.keep {
		return
	}
	for _, s := range gone.slots {
		o.kept[s] = true
	}
	gone.reset()
}
