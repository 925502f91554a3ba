package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// outputFile is a file that appears whole or not at all: it is written beside its place and then renamed into it. What
// cannot be replaced, as a pipe or a device, is written in place.
type outputFile struct {
	*os.File
	path    string
	inPlace bool
}

// checkPlace refuses a file that cannot come to be where it is wanted: better said before a run than after it. What may
// still go wrong, as a disk that fills, is found in writing.
func checkPlace(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: name a file in it", path)
	}
	dir := filepath.Dir(linked(path))
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no directory %s: make it first, or name another place", dir)
	case err == nil && !info.IsDir() || errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s is no directory: name another place", dir)
	}
	return nil
}

func createFile(path string) (*outputFile, error) {
	if isSpecial(path) {
		f, err := os.OpenFile(path, os.O_WRONLY|truncated(path), 0)
		if err != nil {
			return nil, err
		}
		return &outputFile{f, path, true}, nil
	}
	path = linked(path)
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return nil, fmt.Errorf("creating a file beside %s: %w", path, err)
	}
	return &outputFile{f, path, false}, nil
}

// linked is where a symbolic link leads, so that it stays one; other paths are returned as they are.
func linked(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	target, err := os.Readlink(path) // to a file that is not there yet
	switch {
	case err != nil:
		return path
	case filepath.IsAbs(target):
		return target
	}
	return filepath.Join(filepath.Dir(path), target)
}

// isSpecial reports whether a file is there that must not be renamed over: a device, a pipe, or what Linux shows under
// /dev and /proc, such as a redirected standard stream or the mounted termination log of a container.
func isSpecial(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return false
	}
	return !info.Mode().IsRegular() || strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/")
}

// truncated is how a special file is opened. The links under /dev lead to streams that others write too.
func truncated(path string) int {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return os.O_APPEND
	}
	return os.O_TRUNC
}

// commit puts the file in its place.
func (f *outputFile) commit() error {
	if f.inPlace {
		return f.Close()
	}
	if err := f.Chmod(0o644); err != nil {
		f.discard()
		return err
	}
	if err := f.Close(); err != nil {
		f.discard()
		return err
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		os.Remove(f.Name())
		return err
	}
	return nil
}

// discard leaves the place as it was.
func (f *outputFile) discard() {
	f.Close()
	if !f.inPlace {
		os.Remove(f.Name())
	}
}

func writeFile(path string, render func(io.Writer) error) error {
	f, err := createFile(path)
	if err != nil {
		return err
	}
	if err := render(f); err != nil {
		f.discard()
		return err
	}
	return f.commit()
}
