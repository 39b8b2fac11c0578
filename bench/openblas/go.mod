module github.com/minga-network/minga/bench/openblas

go 1.26.7

require github.com/minga-network/minga v0.0.0

replace github.com/minga-network/minga => ../..
