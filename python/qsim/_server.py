"""One ``qsim serve``, started here or listening on a Unix socket."""
import collections
import os
import select
import socket as sockets
import subprocess
import threading
import weakref

from . import _wire
from ._command import Error, find_command, last_words

_PIPE_BYTES = 1 << 20
_ALL = weakref.WeakSet()


class Server:
    """A ``qsim serve`` that several ``Hardware`` may share; a context manager.

    command: which ``qsim``; see ``find_command``.
    socket: path of a Unix socket where one listens already (``qsim serve --socket PATH``); none is started then.
    data_dir: folder of datasets, as ``--data-dir``; the environment variable QSIM_DATA otherwise.
    start_timeout: seconds after which what does not answer at all is given up.

    The process that is started ends when this is closed, and when this Python ends, however it ends: it reads a pipe of it.
    Threads may share a server; their requests wait for each other.
    """

    def __init__(self, command=None, *, socket=None, data_dir=None, start_timeout=120.0):
        self._lock = threading.RLock()
        self._number = 0
        self._process = self._socket = self._broken = None
        self._said = collections.deque(maxlen=50)
        self._patience = start_timeout
        if socket is None:
            self._start([*find_command(command), "serve", *(["--data-dir", os.fspath(data_dir)] if data_dir else [])])
        else:
            if data_dir is not None:
                raise Error("data_dir: is for a server that is started here; one that listens was told its own")
            self._connect(os.fspath(socket))
        _ALL.add(self)
        try:
            # Only the first answer: later ones may take as long as training does.
            #: What the server said of itself: ``qsim`` (its version), ``most_frame`` (bytes of a request), ...
            self.hello, _ = self.request(_wire.HELLO, {"protocol": _wire.PROTOCOL, "client": "python"})
            self._patience = None
            if self.hello.get("protocol") != _wire.PROTOCOL:
                raise Error(f"qsim serve speaks protocol {self.hello.get('protocol')}, this client {_wire.PROTOCOL}")
        except BaseException:
            self.close()
            raise

    def ping(self):
        """Asks whether the server is there; ``Error`` where it is not."""
        self.request(_wire.PING, {})

    def request(self, kind, head, arrays=None, progress=None):
        """One request and its answer: the head as a dict, the arrays as a dict of numpy arrays."""
        with self._lock:
            if self._broken is not None:
                raise Error(self._broken)
            self._number += 1
            try:
                _wire.send(self._write, kind, self._number, head, arrays or {})
                return _wire.receive(self._read_into, kind, self._number, progress)
            except Error:
                raise
            except (OSError, _wire.Broken) as reason:
                raise Error(self._end(str(reason)), code=3) from None
            except BaseException:
                # Half a frame may be under way: nothing that follows would be understood.
                self._end("the request before was interrupted")
                raise

    def close(self):
        """Ends the server that was started here, or the connection. Once closed, it stays so."""
        with self._lock:
            self._broken = self._broken or "the server is closed"
            self._release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_process", None) is not None or getattr(self, "_socket", None) is not None:
            self.close()

    def _start(self, words):
        try:
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                start_new_session=True)
        except OSError as reason:
            raise Error(f"{words[0]}: {reason.strerror}") from None
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(pipe)
        self._listener = threading.Thread(target=_listen, args=(self._process.stderr, self._said), daemon=True)
        self._listener.start()

    def _connect(self, path):
        self._socket = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError as reason:
            self._socket.close()
            self._socket = None
            raise Error(f"{path}: {reason.strerror or reason} (is 'qsim serve --socket {path}' running?)") from None

    def _write(self, view):
        if self._socket is not None:
            self._socket.sendall(view)
            return
        while view:
            view = view[self._process.stdin.write(view):]

    def _read_into(self, view):
        stream = self._socket if self._socket is not None else self._process.stdout
        read = self._socket.recv_into if self._socket is not None else stream.readinto
        while view:
            if self._patience is not None and os.name == "posix" and not select.select([stream], [], [], self._patience)[0]:
                raise _wire.Broken(f"nothing was answered within {self._patience:g} s")
            count = read(view)
            if not count:
                raise _wire.Broken("it said nothing")
            view = view[count:]

    def _end(self, reason):
        """Gives up the server; what to say of it."""
        if self._socket is not None:
            self._broken = f"the connection to qsim serve is lost: {reason}"
        else:
            process = self._process
            if process.poll() is None:
                try:
                    process.wait(0.5)
                except subprocess.TimeoutExpired:
                    process.kill()
            code = process.wait()
            self._listener.join(1)
            said = last_words(self._said, reason)
            self._broken = f"qsim serve ended (exit code {code}): {said}"
        self._release()
        return self._broken

    def _release(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()
            except OSError:
                pass
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._listener.join(1)
        process.stderr.close()

    def _forget(self):
        """In a forked child: the pipes are the parent's, which must see them end."""
        self._broken = "the server belongs to the process that started it: open another after fork"
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout, process.stderr):
                try:
                    pipe.close()
                except OSError:
                    pass
            process.returncode = 0


def _listen(stream, said):
    for line in stream:
        said.append(line.decode(errors="replace"))


def _widen(pipe):
    """Images are large, and a pipe of Linux holds 64 KiB unless it is asked for more."""
    try:
        import fcntl

        fcntl.fcntl(pipe.fileno(), getattr(fcntl, "F_SETPIPE_SZ", 1031), _PIPE_BYTES)
    except (ImportError, OSError):
        pass


def _forget_all():
    for server in list(_ALL):
        server._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
