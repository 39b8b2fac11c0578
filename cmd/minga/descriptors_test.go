package main

import (
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// holes counts the fields of a message, however deep, whose type is missing.
func holes(m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) (n int) {
	if m.IsPlaceholder() {
		return 1
	}
	if seen[m.FullName()] {
		return 0
	}
	seen[m.FullName()] = true
	for i := range m.Fields().Len() {
		if inner := m.Fields().Get(i).Message(); inner != nil {
			n += holes(inner, seen)
		}
	}
	return n
}

// Every service's messages are known to the last field: what a flag takes as JSON could not be read otherwise.
func TestDescriptorsHaveNoHoles(t *testing.T) {
	complete, services, missing := &descriptors{Resolver: proto.HybridResolver}, 0, 0
	complete.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			found, err := complete.FindDescriptorByName(f.Services().Get(i).FullName())
			if err != nil {
				t.Fatal(err)
			}
			services++
			before, after := f.Services().Get(i).Methods(), found.(protoreflect.ServiceDescriptor).Methods()
			for j := range after.Len() {
				missing += holes(before.Get(j).Input(), map[protoreflect.FullName]bool{})
				seen := map[protoreflect.FullName]bool{}
				if n := holes(after.Get(j).Input(), seen) + holes(after.Get(j).Output(), seen); n != 0 {
					t.Errorf("%s has %d holes", after.Get(j).FullName(), n)
				}
			}
		}
		return true
	})
	if services < 40 || missing == 0 {
		t.Errorf("%d services, %d holes as registered: this test has nothing to find", services, missing)
	}
}
