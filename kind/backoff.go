package kind

import "math"

// LongestPause is the most blocks after which something that failed is tried again, where nothing hurries.
const LongestPause = 64

// Backoff waits longer after each failure, in blocks. The zero value waits for nothing.
type Backoff struct {
	until int64 // the height at which to try again
	pause int64 // blocks that were waited
}

// After is the backoff after one more failure, of so many blocks at most.
func (b Backoff) After(height, longest int64) Backoff {
	pause := min(max(1, b.pause), longest)
	return Backoff{height + pause, 2 * pause}
}

// Never is the backoff of what is not tried again.
func Never() Backoff { return Backoff{until: math.MaxInt64} }

// Waits tells whether it is too early to try again.
func (b Backoff) Waits(height int64) bool { return height < b.until }
