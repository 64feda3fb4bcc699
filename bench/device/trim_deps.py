"""Copies a program's deps.json into a folder, without the files that are not there: .NET starts nothing that lists what it lacks."""
import json
import pathlib
import sys


def main():
    source, folder = map(pathlib.Path, sys.argv[1:])
    document = json.loads(source.read_text())
    for target in document["targets"].values():
        for library in target.values():
            for kind in ("runtime", "native", "resources"):
                files = library.get(kind, {})
                for file in [f for f in files if not (folder / pathlib.PurePosixPath(f).name).exists()]:
                    del files[file]
    (folder / source.name).write_text(json.dumps(document))


if __name__ == "__main__":
    main()
