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

// watch starts the watcher unless it runs already. It reads ahead into the read buffer, which nobody else touches
// until unwatch; a client that closes the connection or says Terminate ends the statement.
func (c *conn) watch() {
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
	if c.watching == nil {
		return
	}
	c.nudge()
	<-c.watching
	c.watching = nil
	c.setReadDeadline(time.Time{})
}
