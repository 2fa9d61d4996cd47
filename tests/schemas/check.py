# SPDX-License-Identifier: Apache-2.0
"""Asks the schemas of schemas/events about every example.

An example is an event of its own (`event`), a text (`text`), or a named event of its file (`of`)
with places set (`set`) and members left out (`without`). Good and ignored ones pass the schema,
broken ones do not, unless `"schema": "passes"` stands beside them: what no schema can see (a date
that no calendar has, a currency that there is not, JSON in a string)."""
import copy
import json
import pathlib
import sys

import jsonschema

HERE = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "events"


def steps(pointer):
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def holder(event, pointer):
    """What holds the last step of the pointer, and that step."""
    path = steps(pointer)
    for step in path[:-1]:
        event = event[int(step)] if isinstance(event, list) else event[step]
    return event, int(path[-1]) if isinstance(event, list) else path[-1]


def expand(case, events):
    if "text" in case:
        return json.loads(case["text"])
    event = copy.deepcopy(case["event"] if "event" in case else events[case["of"]])
    for pointer in case.get("without", []):
        inside, step = holder(event, pointer)
        del inside[step]
    for pointer, value in case.get("set", {}).items():
        inside, step = holder(event, pointer)
        inside[step] = value
    return event


def schemas():
    """By format; each sees the shared values."""
    loaded = {path.name: json.loads(path.read_text()) for path in HERE.glob("*.schema.json")}
    by_format = {}
    for name, schema in loaded.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(name, schema, store=dict(loaded))
        by_format[name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(
            schema, resolver=resolver)
    return by_format


def judge(validator, kind, case, events):
    """None, or why the schema and the example do not agree."""
    try:
        event = expand(case, events)
    except json.JSONDecodeError:
        return None if case.get("reason") == "bad_json" else "it is no JSON"
    wrong = [error.message for error in validator.iter_errors(event)]
    passes = kind != "broken" or case.get("schema") == "passes"
    if passes and wrong:
        return f"the schema refuses it: {wrong[0][:200]}"
    if not passes and not wrong:
        return "the schema passes it"
    return None


def main():
    validators = schemas()
    formats = sorted(path.name for path in (HERE / "examples").iterdir())
    failures = 0
    for name in formats:
        for path in sorted((HERE / "examples" / name).glob("*.json")):
            file = json.loads(path.read_text())
            names = set()
            for kind in ("good", "ignored", "broken"):
                for case in file.get(kind, []):
                    why = judge(validators[name], kind, case, file.get("events", {}))
                    label = f"schemas.{name}.{path.stem}: {case['case']}"
                    if label in names:
                        why = "another case has this name"
                    names.add(label)
                    print(f"not ok {label}: {why}" if why else f"ok {label}")
                    failures += why is not None
    for name in validators:
        if name != "values" and name not in formats:
            print(f"not ok schemas.{name}: it has no examples")
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
