package report

import (
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/list"
)

// treeWidth is how many columns a tree, and the prose around it, takes. Names and commands are not broken for it.
const treeWidth = 80

// node is a line of a tree, with what hangs on it.
type node struct {
	text     string
	children []node
}

// add hangs a line on the node.
func (n *node) add(text string, children ...node) {
	n.children = append(n.children, node{text, children})
}

// tree draws what hangs on a node: the node itself is the line above it, or none.
func tree(root node) string {
	w := list.NewWriter()
	style := list.StyleConnectedLight
	style.CharItemTop, style.CharItemSingle = style.CharItemFirst, style.CharItemBottom
	w.SetStyle(style)
	hang(w, root.children, 1)
	return w.Render()
}

func hang(w list.Writer, nodes []node, level int) {
	for _, n := range nodes {
		w.AppendItem(strings.Join(fold(n.text, treeWidth-3*level), "\n"))
		if len(n.children) > 0 {
			w.Indent()
			hang(w, n.children, level+1)
			w.UnIndent()
		}
	}
}

// together joins words that no line break may part.
const together = "\u00a0"

// fold breaks a text between words into lines of at most so many columns. A longer word has a line of its own.
func fold(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(s, " ") {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += strings.ReplaceAll(word, together, " ")
	}
	return append(lines, line)
}

// indented wraps a text below a prefix that stands on its first line alone.
func indented(prefix, s string) string {
	margin := utf8.RuneCountInString(prefix)
	return prefix + strings.Join(fold(s, treeWidth-margin), "\n"+strings.Repeat(" ", margin))
}
