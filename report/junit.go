package report

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"

	"respy/diagnose"
)

// The elements of a JUnit report. There is no single standard: these are what Jenkins, GitLab and GitHub's actions read.
// They are valid by the schema of Jenkins' xUnit plugin (junit-10.xsd) and by the one that was written down after Ant's
// reports (JUnit.xsd of windyroad/JUnit-Schema), which wants each of the elements in this order and no totals at the top.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitTotals struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"` // seconds
	}
	junitSuite struct {
		ID      int    `xml:"id,attr"`
		Package string `xml:"package,attr"`
		Name    string `xml:"name,attr"`
		Host    string `xml:"hostname,attr"`
		junitTotals
		Timestamp   string          `xml:"timestamp,attr"` // UTC, without a zone
		Properties  []junitProperty `xml:"properties>property"`
		Cases       []junitCase     `xml:"testcase"`
		Output      junitText       `xml:"system-out"`
		ErrorOutput junitText       `xml:"system-err"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Time    string       `xml:"time,attr"`
		Failure *junitResult `xml:"failure"`
		Error   *junitResult `xml:"error"`
		Skipped *junitResult `xml:"skipped"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a test case for each claim: a mismatch is a failure, what could not be checked an error. An inconclusive
// run is a failure too, unless it is allowed to pass; then it is skipped.
func JUnit(w io.Writer, c *diagnose.Conclusion) error {
	elapsed := strconv.FormatFloat(c.ElapsedSeconds, 'f', 3, 64)
	suite := junitSuite{
		Package: "respy", Name: "respy " + escape(c.Target), Host: "localhost", Timestamp: c.Started.UTC().Format("2006-01-02T15:04:05"),
		junitTotals: junitTotals{Time: elapsed},
	}
	for _, f := range figures(c) {
		suite.Properties = append(suite.Properties, junitProperty{f.name, f.value})
	}
	for _, claim := range claims(c) {
		suite.add(c, claim)
	}
	suite.Cases[0].Time = elapsed
	var page bytes.Buffer
	if err := Table(&page, c, Options{}); err != nil {
		return err
	}
	suite.Output.Text = page.String()
	text, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(xml.Header + string(text) + "\n"))
	return err
}

// add appends a claim as a test case. Its message is in the text too: GitLab shows no attribute of a failure.
func (s *junitSuite) add(c *diagnose.Conclusion, claim claim) {
	test := junitCase{Class: "respy " + escape(c.Target), Name: claim.name, Time: "0"}
	result := &junitResult{Message: claim.message, Type: string(c.Reason), Text: claim.message}
	s.Tests++
	switch claim.state {
	case failed:
		s.Failures++
		test.Failure = result
	case errored:
		s.Errors++
		test.Error = result
	case skipped:
		s.Skipped++
		test.Skipped = &junitResult{Message: claim.message}
	}
	s.Cases = append(s.Cases, test)
}
