//go:build linux

package main

import (
	"os"
	"os/exec"
	"strconv"
)

// tool is a program that sends requests.
type tool struct {
	name string
	path string
	// args ask for so many requests, or requests for some seconds, over so many kept connections.
	args func(url string, requests, connections int) []string
}

// seconds is how long a tool runs that takes no number of requests.
const seconds = 3

// tools are respy and its peers, those that are installed.
func tools(respy string) (found []tool, missing []string) {
	for _, t := range []tool{
		{name: "respy", path: respy, args: respyArgs},
		{name: "wrk", args: wrkArgs},
		{name: "ab", args: abArgs},
		{name: "h2load", args: h2loadArgs},
		{name: "oha", args: ohaArgs},
		{name: "hey", args: heyArgs},
		{name: "vegeta", args: vegetaArgs},
	} {
		if t.path == "" {
			t.path = t.name
		}
		path, err := exec.LookPath(t.path)
		if err != nil {
			missing = append(missing, t.name)
			continue
		}
		t.path = path
		found = append(found, t)
	}
	return found, missing
}

func respyArgs(url string, n, c int) []string {
	return []string{"-n", itoa(n), "-c", itoa(c), "--connection-reuse", "0", "--expect", "single=90,multiple=10",
		"--envoy", "off", "--kube=false", url}
}

func wrkArgs(url string, _, c int) []string {
	return []string{"-t", "1", "-c", itoa(c), "-d", itoa(seconds) + "s", url}
}

func abArgs(url string, n, c int) []string {
	return []string{"-q", "-k", "-n", itoa(n), "-c", itoa(c), url}
}

func h2loadArgs(url string, n, c int) []string {
	return []string{"--h1", "-t", "1", "-n", itoa(n), "-c", itoa(c), url}
}

func ohaArgs(url string, n, c int) []string {
	return []string{"--no-tui", "-n", itoa(n), "-c", itoa(c), url}
}

func heyArgs(url string, n, c int) []string { return []string{"-n", itoa(n), "-c", itoa(c), url} }

// vegetaArgs leave the target to standard input, and the answers unread: a report of them would be another process.
func vegetaArgs(_ string, _, c int) []string {
	return []string{"attack", "-rate", "0", "-workers", itoa(c), "-max-workers", itoa(c), "-connections", itoa(c),
		"-duration", itoa(seconds) + "s", "-output", os.DevNull}
}

func itoa(n int) string { return strconv.Itoa(n) }
