#!/usr/bin/env python3
"""Adds up one run of ctest: prints "PASSED FAILED SKIPPED".

usage: tally.py JUNIT.xml SKIPPED.txt     (the second gets a line for each skipped thing)

A test of ctest counts as one, unless it is a doctest program: then its cases count. Skipped is a test that ended with 77,
and whatever printed a line that starts with "skipped:".
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

CASES = re.compile(r"^\[doctest\] test cases: +(\d+) +\| +(\d+) passed +\| +(\d+) failed", re.M)


def tally(test):
    """(passed, failed, lines about what was skipped) of one <testcase>."""
    name = test.get("name")
    text = test.findtext("system-out") or ""
    status = test.get("status")
    if status == "notrun" and test.find("skipped") is not None:
        reason = test.find("skipped").get("message") or ""
        if "SKIP_RETURN_CODE" in reason:
            return 0, 0, [f"{name}: skipped"]
        return 0, 1, []
    said = [f"{name}: {line}" for line in text.splitlines() if line.startswith("skipped:")]
    cases = CASES.search(text)
    if cases is None:
        if status == "fail":
            return 0, 1, []
        return (0, 0, said[:1]) if said else (1, 0, [])
    run, passed, failed = (int(figure) for figure in cases.groups())
    if run == 0 or (status == "fail" and failed == 0):
        failed += 1
    said = said[:passed]
    return passed - len(said), failed, said


def main():
    passed = failed = 0
    skipped = []
    for test in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
        p, f, said = tally(test)
        passed, failed, skipped = passed + p, failed + f, skipped + said
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in skipped)
    print(passed, failed, len(skipped))


main()
