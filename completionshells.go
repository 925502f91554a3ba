package main

import (
	"fmt"
	"io"
	"strings"
)

// completeZsh prints a function for compinit, with a call of _arguments for each command.
func completeZsh(w io.Writer, all []completed) error {
	var b strings.Builder
	b.WriteString("#compdef respy\n# zsh completion for respy, printed by: respy completion zsh\n\n_respy() {\n  case $words[2] in\n")
	for _, c := range append(all[1:len(all):len(all)], all[0]) {
		pattern := c.name
		if pattern == "" {
			pattern = "*"
		}
		fmt.Fprintf(&b, "  %s)\n    ", pattern)
		if c.name != "" {
			b.WriteString("shift words; (( CURRENT-- ))\n    ")
		}
		b.WriteString("_arguments -s")
		for _, f := range c.flags {
			fmt.Fprintf(&b, " \\\n      %s", zshFlag(f))
		}
		if c.words != nil {
			fmt.Fprintf(&b, " \\\n      %s", shellQuote("*:word:("+strings.Join(c.words, " ")+")"))
		} else {
			fmt.Fprintf(&b, " \\\n      %s", shellQuote("*:file:_files"))
		}
		b.WriteString("\n    ;;\n")
	}
	b.WriteString("  esac\n}\n\nif [ \"$funcstack[1]\" = _respy ]; then _respy \"$@\"; else compdef _respy respy; fi\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// zshFlag is a flag as _arguments wants it; each may be given again.
func zshFlag(f completedFlag) string {
	escaped := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`)
	rest := "[" + escaped.Replace(f.brief()) + "]"
	if f.value != "" {
		rest += ":" + escaped.Replace(f.value) + ":"
		switch {
		case f.long == "output": // after FORMAT= comes a file
			rest += `{compset -P "*=" && _files || compadd ` + strings.Join(f.choices, " ") + "}"
		case f.choices != nil:
			rest += "(" + escaped.Replace(strings.Join(f.choices, " ")) + ")"
		case f.isFile:
			rest += "_files"
		}
	}
	long := "--" + f.long
	if f.value != "" {
		long += "="
	}
	spec := shellQuote("*" + long + rest)
	if f.short != "" {
		spec += " " + shellQuote("*-"+f.short+rest)
	}
	return spec
}

// shellQuote makes one word of s in zsh; fish reads other escapes.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// completeFish prints a call of complete for each flag of each command.
func completeFish(w io.Writer, all []completed) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# fish completion for respy, printed by: respy completion fish
function __respy_command
    set -l words (commandline -opc)
    if contains -- "$words[2]" %s
        echo $words[2]
    else
        echo main
    end
end
`, strings.Join(names(all[1:]), " "))
	for _, c := range all {
		name := c.name
		if name == "" {
			name = "main"
		}
		start := "complete -c respy -n 'test (__respy_command) = " + name + "'"
		for _, f := range c.flags {
			fmt.Fprintf(&b, "%s -l %s", start, f.long)
			if f.short != "" {
				fmt.Fprintf(&b, " -s %s", f.short)
			}
			switch {
			case f.choices != nil:
				fmt.Fprintf(&b, " -x -a %s", fishQuote(strings.Join(f.choices, " ")))
			case f.isFile:
				b.WriteString(" -r -F")
			case f.value != "":
				b.WriteString(" -x")
			}
			fmt.Fprintf(&b, " -d %s\n", fishQuote(f.brief()))
		}
		if c.words != nil {
			fmt.Fprintf(&b, "%s -f -a %s\n", start, fishQuote(strings.Join(c.words, " ")))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fishQuote makes one word of s in fish, whose single quotes know two escapes.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
