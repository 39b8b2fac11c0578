module github.com/minga-network/minga/bench/torch

go 1.26.5

require github.com/minga-network/minga v0.0.0

require golang.org/x/sys v0.48.0 // indirect

replace github.com/minga-network/minga => ../..
