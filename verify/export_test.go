package verify

// AddMachine puts a machine of a test into the table.
func AddMachine(name string, decode func(body []byte) (Machine, error)) { machines[name] = decode }
