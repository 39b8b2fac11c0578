package kind

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrPanic marks work that broke in a way that its program did not expect.
var ErrPanic = errors.New("a fault of this program: report it with the log")

// Contain does the work for one job. A panic in it becomes its error, so that what a stranger posted stops nothing
// else. Goroutines that the work starts by itself are not under it.
func Contain(do func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, fault, debug.Stack())
		}
	}()
	return do()
}
