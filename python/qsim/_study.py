"""Studies: the command's own, with its tables as arrays."""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

import numpy as np

from ._command import Error, find_command, last_words


class Results:
    """What ``qsim run --json`` printed.

    document: all of it, as ``results.json`` has it.
    folder: where the run lies, with its report; None where that was not said.
    Every table is a numpy structured array by its name: ``results["accuracy"]["target"]``. Missing numbers are NaN.
    """

    def __init__(self, document, folder=None):
        self.document, self.folder = document, folder

    @property
    def tables(self):
        """Names of the tables that have rows."""
        return [name for name, value in self.document.items() if _is_table(value)]

    @property
    def accuracy(self):
        """The main table: seed, threat, target, attack, epsilon_value, correct, images, accuracy (0..1), low95, high95."""
        return self["accuracy"]

    def __getitem__(self, table):
        if table not in self.document:
            raise KeyError(f"{table} (there are {', '.join(self.document)})")
        value = self.document[table]
        return _structured(value) if _is_table(value) else value

    def to_pandas(self, table="accuracy"):
        """A table as a pandas DataFrame; pandas has to be installed."""
        import pandas

        return pandas.DataFrame(self.document[table])

    def __repr__(self):
        return f"<qsim.Results of {self.document.get('study', {}).get('name', '?')} in {self.folder}>"


def run(study=None, *, command=None, cwd=None, progress=False, **options):
    """Runs a study to its end and gives its ``Results``.

    study: a study file's path, a dict of its keys (``schema`` may be left out), or None for the quickstart.
    command: which ``qsim``; see ``find_command``.
    cwd: folder to run in, where ``runs/`` is made unless ``out`` says another.
    progress: whether the command's progress goes to stderr.
    options: options of ``qsim run``, with underscores: profile=["int8-wide", "int4"], images=100, out="folder", overwrite=True.

    Raises ``Error`` with the command's line where it refuses, or is interrupted (code 130; the same call goes on with ``out``).
    """
    if "json" in options:
        raise Error("json: the results are always read from it")
    words = [*find_command(command), "run"]
    given = [word for name, value in options.items() for word in _option(name, value)]
    with tempfile.TemporaryDirectory(prefix="qsim-") as folder:
        if isinstance(study, dict):
            path = os.path.join(folder, f"{_file_name(study.get('name', 'study'))}.yaml")
            with open(path, "w", encoding="utf-8") as file:
                try:
                    json.dump({"schema": "qsim/study/1", **study}, file)
                except TypeError as reason:
                    raise Error(f"study: {reason}") from None
            words.append(path)
        elif study is not None:
            words.append(os.fspath(study))
        try:
            return _run([*words, *given, "--json"], cwd, progress)
        except Error as refused:
            # Whoever gave a dict knows of no such file.
            raise Error(str(refused).replace(folder + os.sep, ""), refused.code) from None


def _run(words, cwd, progress):
    try:
        process = subprocess.Popen(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as reason:
        raise Error(f"{words[0]}: {reason.strerror}") from None
    said = []

    def listen():
        for line in process.stderr:
            said.append(line.decode(errors="replace").rstrip())
            if progress:
                print(said[-1], file=sys.stderr, flush=True)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    with process:
        try:
            text = process.stdout.read()
        except KeyboardInterrupt:
            # The command heard it as well, and puts its run in order first.
            process.wait()
            raise
        code = process.wait()
        listener.join()
    if code != 0:
        raise Error(last_words(said, f"qsim ended with exit code {code}"), code)
    written = [re.match(r"Written to (.*?): \S+\.html", line) for line in said]
    folder = next((m.group(1) for m in written if m), None)
    try:
        document = json.loads(text)
    except ValueError as reason:
        raise Error(f"{words[0]} printed something else than results: {reason}", 3) from None
    return Results(document, os.path.join(cwd or "", folder) if folder else None)


def _option(name, value):
    option = "--" + name.replace("_", "-")
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    if isinstance(value, (list, tuple)):
        return [option, ",".join(str(v) for v in value)]
    return [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]


def _file_name(name):
    return re.sub(r"[^A-Za-z0-9._-]", "_", str(name)) or "study"


def _is_table(value):
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _structured(rows):
    """One field per key that any row has; numbers, truth values and texts as such, anything else as an object."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    array = np.empty(len(rows), [(name, _dtype(values)) for name, values in columns.items()])
    for name, values in columns.items():
        if array.dtype[name].kind == "f":
            values = [np.nan if v is None else v for v in values]
        elif array.dtype[name].kind == "U":
            values = ["" if v is None else v for v in values]
        array[name] = values
    return array


def _dtype(values):
    kinds = {type(v) for v in values}
    some = kinds - {type(None)}
    if some == {bool} and type(None) not in kinds:
        return np.dtype(bool)
    if some == {int} and type(None) not in kinds and all(-2**63 <= v < 2**63 for v in values):
        return np.dtype(np.int64)
    if some and some <= {int, float}:
        return np.dtype(np.float64)
    if some == {str}:
        return np.dtype(f"U{max(1, *(len(v or '') for v in values), 1)}")
    return np.dtype(object)
