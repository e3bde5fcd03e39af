package wire

import "time"

// beforeBlock is called when a result is about to wait for rows: the client gets what there is, and a watcher looks
// for its leaving until the statement ends.
func (c *conn) beforeBlock() error {
	if err := c.out.flush(); err != nil {
		return err
	}
	c.blocked.Store(true)
	if c.closing.Load() {
		c.interrupt(causeShutdown)
	}
	c.watch()
	return nil
}

// watch starts the watcher unless it runs already.
func (c *conn) watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchLocked()
}

// watchLocked is watch under c.mu. The watcher reads ahead into the read buffer, which nobody else touches until
// unwatch; a client that closes the connection or says Terminate ends the statement.
func (c *conn) watchLocked() {
	if c.watching != nil {
		return
	}
	done := make(chan struct{})
	c.watching = done
	go func() {
		defer close(done)
		for !c.in.hasTerminate() {
			if c.in.buffered() > readAheadMax {
				return
			}
			if err := c.in.fill(); err != nil {
				if isTimeout(err) {
					return
				}
				break
			}
		}
		c.interrupt(causeGone)
	}()
}

// unwatch stops the watcher, if there is one, and waits for it.
func (c *conn) unwatch() {
	c.blocked.Store(false)
	c.mu.Lock()
	watching := c.watching
	c.mu.Unlock()
	if watching == nil {
		return
	}
	c.nudge()
	<-watching
	c.mu.Lock()
	c.watching = nil
	c.mu.Unlock()
	c.setReadDeadline(time.Time{})
}

// patrol starts the watcher of a statement that has run since the last patrol without waiting for rows: a long pull
// query, or a write that waits for its broker.
func (c *conn) patrol() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running && !c.receiving && c.turn == c.patrolled {
		c.watchLocked()
	}
	c.patrolled = c.turn
}

// setReceiving tells whether the running statement reads the connection itself: then no watcher may.
func (c *conn) setReceiving(on bool) {
	c.mu.Lock()
	c.receiving = on
	c.mu.Unlock()
	if on {
		c.unwatch()
	}
}
