package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCompletionsAreMadeFromTheFlags(t *testing.T) {
	checkMade(t, "completions/respy.bash", script(t, "bash"))
	checkMade(t, "completions/_respy", script(t, "zsh"))
	checkMade(t, "completions/respy.fish", script(t, "fish"))
}

// completions are command lines and words that are offered at their ends.
func completions() map[string][]string {
	return map[string][]string{
		"respy --col":              {"--color"},
		"respy ":                   {"explain", "judge", "watch", "plan", "demo", "serve", "completion", "version", "help"},
		"respy --color ":           {"auto", "always", "never"},
		"respy judge --test c":     {"chi-square"},
		"respy judge --exp":        {"--expect"},
		"respy demo --fault round": {"round-robin"},
		"respy plan -o ":           {"json", "table"},
		"respy -o ju":              {"junit"},
		"respy completion ":        {"bash", "fish", "zsh"},
		"respy -f read":            {"readme.yaml"},
	}
}

// Bash gives a function its words split at each =.
func TestBashCompletesTheFileOfAnOutput(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "report.xml"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{`respy -o junit =`, `respy -o junit = rep`, `respy demo --output = junit = rep`} {
		command := exec.Command(tool(t, "bash"), "-c", `
			source /dev/stdin
			COMP_WORDS=($0) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_respy; printf '%s\n' "${COMPREPLY[@]}"`, words)
		command.Dir, command.Stdin = dir, strings.NewReader(script(t, "bash"))
		if out, err := command.CombinedOutput(); err != nil || string(out) != "report.xml\n" {
			t.Errorf("%s: %v: %s", words, err, out)
		}
	}
}

func TestBashCompletes(t *testing.T) {
	checkCompletes(t, "bash", "-c", `
		source /dev/stdin
		read -ra COMP_WORDS <<<"$0"; [[ $0 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_respy; printf '%s\n' "${COMPREPLY[@]}"`)
}

func TestFishCompletes(t *testing.T) {
	checkCompletes(t, "fish", "--no-config", "-c", `source; complete -C $argv[1] | string replace -r '\t.*' ''; true`)
}

// checkCompletes gives a shell the script on standard input and the command line as an argument.
func checkCompletes(t *testing.T, shell string, args ...string) {
	t.Helper()
	path := tool(t, shell)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.yaml"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for line, want := range completions() {
		command := exec.Command(path, append(slices.Clone(args), line)...)
		command.Dir, command.Stdin = dir, strings.NewReader(script(t, shell))
		command.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", line, err, out)
		}
		got := strings.Fields(string(out))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s offers %v after %q, want %v", shell, got, line, want)
		}
	}
}

// Zsh completes only at its prompt; here it loads the script and registers it.
func TestZshLoadsItsCompletion(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "_respy")
	if err := os.WriteFile(file, []byte(script(t, "zsh")), 0o666); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(tool(t, "zsh"), "-fc", `zsh -n "$0" && fpath=("${0:h}" $fpath) && autoload -Uz compinit && compinit -u -D && print $_comps[respy]`, file)
	out, err := command.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "_respy" {
		t.Errorf("%v: %s", err, out)
	}
}
