package kernel

// micros are the register tiles of this machine, by backend name.
func micros() map[string]*micro {
	return map[string]*micro{"portable": {}}
}

type micro struct{}
