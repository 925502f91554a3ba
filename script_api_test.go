package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"respy/internal/fakeapi"
)

// apiCommand starts an API server that holds the manifests of files or directories: api [-forbid KINDS] [-within
// NAMESPACES] [-absent KINDS] [-token TOKEN] [-then FILE] [-gone] [-silent] [FILE|DIR]…. Kinds are written as in URLs, *
// for all; -within names the namespaces in which forbidden kinds may be read all the same; -then is what it holds, and
// -gone that it hangs up, from when a kind is listed the second time; -silent is a server that never answers. API is its
// kubeconfig, whose context is test; a script sets KUBECONFIG to it where nobody is to name it.
func apiCommand(ts *testscript.TestScript, neg bool, args []string) {
	var o fakeapi.Options
	flags := flag.NewFlagSet("api", flag.ContinueOnError)
	lists := map[string]*[]string{"forbid": &o.Forbidden, "within": &o.Within, "absent": &o.Absent}
	for name, list := range lists {
		flags.Func(name, "", func(s string) error {
			*list = strings.Split(s, ",")
			return nil
		})
	}
	flags.StringVar(&o.Token, "token", "", "")
	flags.BoolVar(&o.Gone, "gone", false, "")
	flags.BoolVar(&o.Silent, "silent", false, "")
	then := flags.String("then", "", "")
	if neg || flags.Parse(args) != nil {
		ts.Fatalf("usage: api [flags] [FILE|DIR]...")
	}
	for _, path := range flags.Args() {
		o.Manifests = append(o.Manifests, manifests(ts, path)...)
	}
	if *then != "" {
		o.Then = manifests(ts, *then)
	}
	server, err := fakeapi.Start(o)
	ts.Check(err)
	ts.Defer(server.Close)
	dir, err := os.MkdirTemp(ts.Getenv("WORK"), "api-")
	ts.Check(err)
	kubeconfig, err := server.Kubeconfig(dir)
	ts.Check(err)
	ts.Setenv("API", kubeconfig)
}

// manifests reads a file, or the manifests of a directory one after the other. $PORT in them is that of the server that
// was started last.
func manifests(ts *testscript.TestScript, path string) []byte {
	path = ts.MkAbs(path)
	files, err := filepath.Glob(filepath.Join(path, "*.yaml"))
	ts.Check(err)
	if len(files) == 0 {
		files = []string{path}
	}
	var all bytes.Buffer
	for _, file := range files {
		text, err := os.ReadFile(file)
		ts.Check(err)
		all.WriteString("\n---\n")
		all.Write(bytes.ReplaceAll(text, []byte("$PORT"), []byte(ts.Getenv("PORT"))))
	}
	return all.Bytes()
}
