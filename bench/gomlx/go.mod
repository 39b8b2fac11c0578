module github.com/minga-network/minga/bench/gomlx

go 1.26.5

require (
	github.com/gomlx/gomlx v0.26.0
	github.com/minga-network/minga v0.0.0
)

require (
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/exp v0.0.0-20260527015227-08cc5374adb3 // indirect
	k8s.io/klog/v2 v2.130.1 // indirect
)

replace github.com/minga-network/minga => ../..
