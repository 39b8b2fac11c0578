module github.com/minga-network/minga/bench/llamacpp

go 1.26.5

require github.com/minga-network/minga v0.0.0

replace github.com/minga-network/minga => ../..
