package node

// FreePorts finds two loopback addresses for tests.
var FreePorts = freePorts
