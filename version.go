package main

import "runtime/debug"

// release is set by the linker (-X main.release=v1.2.3) when a release is built.
var release string

// version says which build this is: the release, else what the Go toolchain recorded.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
