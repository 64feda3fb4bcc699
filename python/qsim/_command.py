"""Where the command is, and what it says when it refuses."""
import os
import shlex
import shutil


class Error(Exception):
    """What QSim refused, in its own words; ``code`` is its exit code: 2 for wrong input, 3 for a defect in QSim."""

    def __init__(self, message, code=2):
        super().__init__(message)
        self.code = code


def find_command(command=None):
    """The command as a list of words: the argument, else the environment variable QSIM, else ``qsim`` on PATH.

    A text that is not a file is split as a shell does, so that ``QSIM="dotnet /opt/qsim/qsim.dll"`` works.
    """
    if command is not None and not isinstance(command, (str, os.PathLike)):
        return [os.fspath(word) for word in command]
    said = os.fspath(command) if command is not None else os.environ.get("QSIM", "")
    if said:
        words = [said] if os.path.isfile(said) else shlex.split(said)
        found = shutil.which(words[0]) if words else None
        if found is None:
            where = "the argument command" if command is not None else "the environment variable QSIM"
            raise Error(f"{said}: there is no such command (given by {where})")
        return [found, *words[1:]]
    found = shutil.which("qsim")
    if found is None:
        raise Error(
            "the command qsim is not on PATH: name it by the argument command, or by the environment variable QSIM "
            "(a build of QSim leaves it at src/Runner/bin/Release/net10.0/qsim)")
    return [found]


def last_words(lines, otherwise):
    """The command's own line about what went wrong, without its name."""
    said = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("[")]
    text = "\n".join(said[-12:]) if said else otherwise
    return text[len("qsim: "):] if text.startswith("qsim: ") else text
