//go:build !amd64

package kernel

// micros are the fast implementations that run on this machine, by name.
func micros() map[string]*micro {
	return map[string]*micro{"portable": portable()}
}
