package main

import (
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// descriptors finds what is registered, with all fields' types. gogoproto registers files in the order of their
// names, so the types of fields that come from a later file are missing. Such a file is built again when it is
// asked for, after those that it imports.
type descriptors struct {
	proto.Resolver
	again protoregistry.Files
}

// FindFileByPath finds a file.
func (d *descriptors) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	for _, complete := range []*protoregistry.Files{protoregistry.GlobalFiles, &d.again} {
		if file, err := complete.FindFileByPath(path); err == nil {
			return file, nil
		}
	}
	file, err := d.Resolver.FindFileByPath(path)
	if err != nil {
		return nil, err
	}
	if file, err = protodesc.NewFile(protodesc.ToFileDescriptorProto(file), d); err != nil {
		return nil, err
	}
	return file, d.again.RegisterFile(file)
}

// FindDescriptorByName finds a message, a service or anything else in a file.
func (d *descriptors) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	found, err := d.Resolver.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	if _, err := d.FindFileByPath(found.ParentFile().Path()); err != nil {
		return nil, err
	}
	if again, err := d.again.FindDescriptorByName(name); err == nil {
		return again, nil
	}
	return found, nil
}
