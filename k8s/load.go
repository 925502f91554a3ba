package k8s

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const defaultNamespace = "default"

// ErrNoRoutes is wrapped by Load's error when what was read holds no object that may have weights. The objects are
// returned beside it.
var ErrNoRoutes = errors.New("no VirtualService or HTTPRoute")

// Load reads files, directories (their .yaml, .yml and .json files in the order of their names, hidden ones and
// kustomization files left out, no subdirectories) and, for "-", stdin. Objects without a namespace get the given one,
// else "default". Of two objects of the same kind, namespace and name the later one counts.
func Load(paths []string, stdin io.Reader, namespace string) (*Objects, error) {
	o := &Objects{}
	for _, path := range paths {
		if err := o.load(path, stdin, namespace); err != nil {
			return nil, err
		}
	}
	if !o.Routes() {
		return o, fmt.Errorf("%w in %s, only %s", ErrNoRoutes, strings.Join(paths, ", "), o.kinds())
	}
	return o, nil
}

func (o *Objects) load(path string, stdin io.Reader, namespace string) error {
	if path == "-" {
		documents, err := o.read(stdin, "standard input", namespace)
		if err == nil && documents == 0 {
			return errors.New("standard input is empty: pipe a manifest into it, as from kubectl get -o yaml")
		}
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w: give a manifest, a directory of manifests, or - for standard input", path, fs.ErrNotExist)
	case err != nil:
		return fmt.Errorf("read manifests: %w", err)
	case info.IsDir():
		return o.loadDirectory(path, namespace)
	}
	documents, err := o.loadFile(path, namespace)
	if err == nil && documents == 0 {
		return fmt.Errorf("%s is empty: it needs a VirtualService or an HTTPRoute", path)
	}
	return err
}

func (o *Objects) loadFile(path, namespace string) (documents int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("read manifest: %w", err)
	}
	defer file.Close()
	return o.read(file, path, namespace)
}

func (o *Objects) loadDirectory(path, namespace string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read manifests: %w", err)
	}
	documents := 0
	for _, entry := range entries {
		if entry.IsDir() || !isManifest(entry.Name()) {
			continue
		}
		n, err := o.loadFile(filepath.Join(path, entry.Name()), namespace)
		if err != nil {
			return err
		}
		documents += n
	}
	if documents == 0 {
		return fmt.Errorf("%s holds no manifest: it needs files named .yaml, .yml or .json", path)
	}
	return nil
}

func isManifest(name string) bool {
	extension := filepath.Ext(name)
	base := strings.TrimSuffix(name, extension)
	return slices.Contains([]string{".yaml", ".yml", ".json"}, extension) &&
		!strings.HasPrefix(name, ".") && base != "kustomization"
}
