"""Reads reports with libraries that know nothing of respy, and prints what they found: read.py FORM FILE..."""

import csv
import json
import pathlib
import sys

FORM, FILES = sys.argv[1], sys.argv[2:]


def junit(file):
    import junitparser

    suites = junitparser.JUnitXml.fromfile(file)
    (suite,) = suites
    cases = [
        {"name": case.name, "results": [type(r).__name__ for r in case.result], "texts": [r.text or "" for r in case.result]}
        for case in suite
    ]
    return {
        "cases": cases,
        "counts": [suite.tests, suite.failures, suite.errors, suite.skipped],
        "properties": {p.name: p.value for p in suite.properties()},
    }


def rows(file):
    with open(file, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f, strict=True))


def schema(file):
    import jsonschema

    definition = json.loads(pathlib.Path("schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(definition)
    validator = jsonschema.Draft202012Validator(definition, format_checker=jsonschema.FormatChecker())
    report = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(report)]


def diagnostics(file):
    import yaml

    blocks, block = [], None
    for line in pathlib.Path(file).read_text(encoding="utf-8").split("\n"):
        if line == "  ---":
            block = []
        elif line == "  ...":
            blocks.append(yaml.safe_load("\n".join(block)))
            block = None
        elif block is not None:
            block.append(line)
    return blocks


READERS = {"junit": junit, "csv": rows, "json": schema, "tap": diagnostics}
json.dump([READERS[FORM](file) for file in FILES], sys.stdout)
