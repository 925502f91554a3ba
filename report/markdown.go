package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"respy/diagnose"
)

// Markdown writes c as GitHub Flavored Markdown, fit for a comment on a pull request: the verdict, a table, what the
// statistics mean, and the findings with their fixes.
func Markdown(w io.Writer, c *diagnose.Conclusion) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "### respy: %s\n\n%s\n\n", c.Verdict, paragraph(cut(escape(c.Message), longestMessage)))
	what, how, _ := strings.Cut(subject(c), "\n")
	fmt.Fprintf(out, "%s<br>%s\n\n", paragraph(cut(what, longestMessage)), inline(how))
	markdownTable(out, c)
	markdownProse(out, c)
	markdownFindings(out, c)
	markdownUnseen(out, c)
	return out.Flush()
}

func markdownTable(w io.Writer, c *diagnose.Conclusion) {
	if len(c.Versions)+len(c.Errors) == 0 {
		return
	}
	fmt.Fprintf(w, "| version | weight | expected | %s | share | %s | difference | p50 | p95 |\n", strings.ToLower(seenName(c)), strings.ToLower(intervalName(c)))
	fmt.Fprintln(w, "| :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, v := range c.Versions {
		fmt.Fprintf(w, "| %s |", code(printable(v.Name)))
		for _, cell := range versionRow(c, v, false)[1:] {
			fmt.Fprintf(w, " %v |", cell)
		}
		fmt.Fprintln(w)
	}
	for _, e := range c.Errors {
		fmt.Fprintf(w, "| error: %s | | | %d | | | | | |\n", inline(printable(e.Kind)), e.Count)
	}
	fmt.Fprintln(w)
}

// markdownProse writes the sentences around the table, each a line of its own.
func markdownProse(w io.Writer, c *diagnose.Conclusion) {
	var text strings.Builder
	samples(&text, c)
	placed(&text, c)
	statistics(&text, c, false)
	for line := range strings.Lines(text.String()) {
		fmt.Fprintf(w, "%s\n\n", paragraph(strings.TrimSuffix(line, "\n")))
	}
}

func markdownFindings(w io.Writer, c *diagnose.Conclusion) {
	if len(c.Findings) == 0 {
		return
	}
	fmt.Fprint(w, "#### Findings\n\n")
	for _, f := range c.Findings {
		fmt.Fprintf(w, "- **%s %s**: %s\n", inline(escape(f.Severity)), code(escape(f.ID)), inline(cut(escape(f.Summary), longestMessage)))
		if f.Object != "" {
			fmt.Fprintf(w, "  - where: %s\n", code(cut(strings.TrimSpace(escape(f.Object)+" "+escape(f.Field)), longestMessage)))
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(w, "  - seen: %s\n", code(cut(escape(e), longestMessage)))
		}
		if f.Fix != "" {
			fmt.Fprintf(w, "  - fix: %s\n", code(cut(escape(f.Fix), longestMessage)))
		}
	}
	fmt.Fprintln(w)
}

func markdownUnseen(w io.Writer, c *diagnose.Conclusion) {
	for _, u := range c.Unseen {
		fmt.Fprintf(w, "Not seen: %s: %s\n\n", inline(escape(u.Stage)), inline(cut(escape(u.Why), longestMessage)))
	}
}

// code marks printable text as code. It is an element and no code span, as a span in a table cannot hold every text: a
// backslash before a bar splits the cell.
func code(s string) string { return "<code>" + inline(s) + "</code>" }

// inline makes printable text inert, also in a table. What could begin markup becomes a character reference, which has no
// meaning but the character: HTML, emphasis, links, cells, mentions, references to issues, formulas, emoji names, and
// addresses that would turn into links by themselves.
func inline(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '@':
			b.WriteString("<!-- -->" + reference(r)) // cmark-gfm finds mail addresses after it has resolved references
		case strings.ContainsRune("\\`*_[]<>#|~$&", r), r == ':' && !isSpaceOrDigit(s[i+1:]):
			b.WriteString(reference(r))
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www"+reference('.'))
}

// isSpaceOrDigit reports whether s begins with what makes a colon before it plain: neither an address nor an emoji name.
func isSpaceOrDigit(s string) bool { return s == "" || s[0] == ' ' || '0' <= s[0] && s[0] <= '9' }

// paragraph is inline text on a line of its own, which nothing at its start can turn into a list, a rule or code.
func paragraph(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	number := strings.TrimLeft(s, "0123456789")
	isList := len(number) < len(s) && (strings.HasPrefix(number, ".") || strings.HasPrefix(number, ")"))
	if size == 0 || unicode.IsLetter(first) || unicode.IsDigit(first) && !isList {
		return inline(s)
	}
	return reference(first) + inline(s[size:])
}

func reference(r rune) string { return fmt.Sprintf("&#%d;", r) }
