package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"respy/internal/fakemesh"
	"respy/report"
)

const completionAbout = `respy completion prints what completes respy's command line in a shell, made from the flags themselves:

  bash:  respy completion bash > /etc/bash_completion.d/respy
  zsh:   respy completion zsh > "${fpath[1]}/_respy"
  fish:  respy completion fish > ~/.config/fish/completions/respy.fish`

func completionCommand() command {
	return command{synopsis: "respy completion bash|zsh|fish", about: completionAbout}
}

// completion prints the script for a shell.
func completion(args []string, std streams) (int, error) {
	positional, err := completionCommand().parse(args, std.out)
	if err != nil {
		return 0, err
	}
	scripts := map[string]func(io.Writer, []completed) error{"bash": completeBash, "zsh": completeZsh, "fish": completeFish}
	if len(positional) != 1 || scripts[positional[0]] == nil {
		return 0, usagef("name one shell of bash, zsh and fish, as in respy completion bash")
	}
	return 0, scripts[positional[0]](std.out, completedCommands())
}

// subcommand is a command with its name, which is empty for the main job.
type subcommand struct {
	name string
	command
}

func subcommands() []subcommand {
	return []subcommand{
		{"", mainCommand(new(config))}, {"explain", explainCommand(new(config))}, {"judge", judgeCommand(new(config))},
		{"watch", watchCommand(new(config), new(watchConfig))}, {"plan", planCommand(new(planConfig))},
		{"demo", demoCommand(new(config), new(demoConfig))}, {"serve", serveCommandLine(new(serveConfig))},
		{"completion", completionCommand()},
	}
}

// completed is what a shell completes for a command.
type completed struct {
	name  string
	flags []completedFlag
	words []string // that may stand where no flag does; nil for files
}

type completedFlag struct {
	long, short string // without dashes; short may be empty
	usage       string
	value       string   // what it takes, empty for nothing
	choices     []string // of the value; nil for any
	isFile      bool
}

func completedCommands() []completed {
	var all []completed
	for _, s := range subcommands() {
		c := completed{name: s.name}
		for _, g := range s.groups {
			g.flags.VisitAll(func(f *pflag.Flag) { c.flags = append(c.flags, completedFlagOf(s.name, f)) })
		}
		c.flags = append(c.flags, completedFlag{long: "help", short: "h", usage: "print the flags"})
		switch s.name {
		case "":
			c.words = commands()
		case "completion":
			c.words = []string{"bash", "zsh", "fish"}
		}
		all = append(all, c)
	}
	return all
}

func completedFlagOf(command string, f *pflag.Flag) completedFlag {
	value, usage := pflag.UnquoteUsage(f)
	c := completedFlag{long: f.Name, short: f.Shorthand, usage: usage, choices: choices(command, f.Name)}
	if f.NoOptDefVal == "" {
		c.value = strings.Trim(value, "'")
		if c.value == "" {
			c.value = f.Name
		}
	}
	c.isFile = slices.Contains([]string{"file", "socket"}, c.value)
	return c
}

// choices are the values of a flag that has few.
func choices(command, flag string) []string {
	switch flag {
	case "output":
		if command == "plan" {
			return []string{string(report.FormatTable), string(report.FormatJSON)}
		}
		return texts(report.Formats())
	case "color":
		return []string{"auto", "always", "never"}
	case "test":
		return []string{"auto", "exact", "chi-square"}
	case "inconclusive":
		return []string{"fail", "pass"}
	case "version-from":
		return []string{"auto", "header:", "json:", "regex:", "body", "status", "envoy"}
	case "fault":
		return texts(fakemesh.Faults())
	}
	return nil
}

func texts[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = string(s)
	}
	return all
}

// brief is the usage of a flag up to its first semicolon, fit for a line of a menu.
func (f completedFlag) brief() string {
	brief, _, _ := strings.Cut(f.usage, ";")
	return brief
}

// completeBash prints a function for complete -F. Bash splits words at = and at :, so the flag of a value may be two words
// before it, or the word before a = be the format of an output.
func completeBash(w io.Writer, all []completed) error {
	var b strings.Builder
	b.WriteString(`# bash completion for respy, printed by: respy completion bash
_respy() {
    local command=${COMP_WORDS[1]} current=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} words=
    if [[ $current == = ]]; then current=
    elif [[ $flag == = ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}
    fi
    if [[ ${COMP_WORDS[COMP_CWORD]} == = || ${COMP_WORDS[COMP_CWORD-1]} == = ]] && [[ $flag != -* ]]; then
        COMPREPLY=($(compgen -f -- "$current")); return # the file of -o FORMAT=FILE
    fi
    case $command in
`)
	fmt.Fprintf(&b, "    %s) ;;\n    *) command= ;;\n    esac\n    case $command:$flag in\n", strings.Join(names(all[1:]), "|"))
	for _, c := range all {
		for _, f := range c.flags {
			pattern := "\"" + c.name + ":--" + f.long + "\""
			if f.short != "" {
				pattern += "|\"" + c.name + ":-" + f.short + "\""
			}
			switch {
			case f.choices != nil:
				fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -W %q -- \"$current\")); return ;;\n", pattern, strings.Join(f.choices, " "))
			case f.isFile:
				fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", pattern)
			case f.value != "":
				fmt.Fprintf(&b, "    %s) return ;;\n", pattern)
			}
		}
	}
	b.WriteString("    esac\n    case $command:$current in\n")
	for _, c := range all {
		fmt.Fprintf(&b, "    %s:-*) words=%q ;;\n", c.name, strings.Join(c.dashed(), " "))
		if c.words != nil {
			fmt.Fprintf(&b, "    %s:*) words=%q ;;\n", c.name, strings.Join(c.words, " "))
		}
	}
	b.WriteString(`    *) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _respy respy
`)
	_, err := io.WriteString(w, b.String())
	return err
}

func names(all []completed) []string {
	var list []string
	for _, c := range all {
		list = append(list, c.name)
	}
	return list
}

func (c completed) dashed() []string {
	var list []string
	for _, f := range c.flags {
		list = append(list, "--"+f.long)
	}
	return list
}
