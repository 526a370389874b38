"""Reads JUnit's XML as Python does: expat says whether it is well-formed, a table whether it has the shape that Jenkins' JUnit plugin takes
(https://github.com/jenkinsci/xunit-plugin, junit-10.xsd), junitparser what is in it.

Arguments: files. Standard output: one JSON line for each.
"""

import json
import sys
from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

# Element: its attributes, which of them must be there, and its children.
SHAPE = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"},
        {"name", "tests"},
        {"testcase"},
    ),
    "testcase": (
        {"name", "assertions", "time", "classname", "status", "group"},
        {"name", "classname"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "skipped": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "failure": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}
COUNTED = ("tests", "failures", "errors", "skipped")


def check(element):
    attributes, needed, children = SHAPE[element.tag]
    given = set(element.keys())
    assert needed <= given <= attributes, f"{element.tag} has {given}"
    for name in COUNTED:
        assert element.get(name, "0").isdigit(), f"{name} is no count"
    float(element.get("time", "0"))
    for child in element:
        assert child.tag in children, f"{child.tag} in {element.tag}"
        check(child)


def outcome(case):
    for result in case.result:
        if isinstance(result, Failure):
            return "failed"
        if isinstance(result, Error):
            return "incomplete"
        if isinstance(result, Skipped):
            return "skipped"
    return "passed"


def describe(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag == "testsuites"
    check(root)
    read = JUnitXml.fromfile(path)
    suites = [suite for suite in read if isinstance(suite, TestSuite)]
    cases = [case for suite in suites for case in suite]
    told = {name: sum(getattr(suite, name) for suite in suites) for name in COUNTED}
    # Counts again what the attributes say.
    for suite in suites:
        suite.update_statistics()
    counted = {name: sum(getattr(suite, name) for suite in suites) for name in COUNTED}
    return {
        "told": told,
        "counted": counted,
        "tests": [[case.classname, case.name, outcome(case), [result.text for result in case.result]] for case in cases],
    }


for path in sys.argv[1:]:
    print(json.dumps(describe(path)))
