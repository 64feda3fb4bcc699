using System.Net.Sockets;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Simulator.Files;

namespace QSim.Runner.Serving;

/// <summary>
/// Sessions over a Unix socket that its owner alone may connect to, several at a time.
/// </summary>
internal sealed class SocketServer : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, 0);
    private readonly SemaphoreSlim _room = new(Wire.MostConnections);
    private readonly string _path;
    private readonly Screen _screen;

    /// <summary>Listens.</summary>
    /// <param name="path">The socket, which must not be there.</param>
    /// <param name="screen">Where trouble is told.</param>
    /// <exception cref="RequestException">It cannot be made there.</exception>
    public SocketServer(string path, Screen screen)
    {
        if (path.Trim().Length == 0)
            throw new RequestException("--socket is empty: name a path");
        (_path, _screen) = (Path.GetFullPath(path), screen);
        if (!Directory.Exists(Path.GetDirectoryName(_path)))
            throw new RequestException($"--socket {path}: there is no such folder");
        if (Directory.Exists(_path))
            throw new RequestException($"--socket {path}: is a folder where a socket is to be");
        try
        {
            var address = new UnixDomainSocketEndPoint(_path);
            RemoveLeftBehind(address);
            _socket.Bind(address);
        }
        catch (Exception e) when (
            e is SocketException or ArgumentException or PlatformNotSupportedException)
        {
            _socket.Dispose();
            throw new RequestException($"--socket {path}: " + e switch
            {
                ArgumentOutOfRangeException =>
                    "its path is longer than a socket's may be (107 bytes on Linux)",
                // .NET knows no word for some reasons, a read-only disk among them.
                SocketException { SocketErrorCode: SocketError.SocketError } =>
                    $"no socket can be made in {Path.GetDirectoryName(_path)}",
                _ => e.Message.TrimEnd('.'),
            });
        }

        // Nobody can connect before it listens, so that there is no moment for others.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_path, OwnerOnly);
        _socket.Listen(Wire.MostConnections);
    }

    /// <summary>Serves whoever connects, until cancelled.</summary>
    /// <param name="folders">Where datasets are.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task Run(DataFolders folders, CancellationToken cancellation)
    {
        while (true)
        {
            await _room.WaitAsync(cancellation);
            Socket client = await _socket.AcceptAsync(cancellation);
            _ = Task.Factory.StartNew(
                () => Serve(client, folders, cancellation), CancellationToken.None,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    private void Serve(Socket client, DataFolders folders, CancellationToken cancellation)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            new Session(new(stream, stream), folders).Run(cancellation);
        }
        catch (Exception e) when (
            e is IOException or OperationCanceledException or RequestException)
        {
            // The client is gone, was told what it did wrong, or the server ends.
        }
        catch (Exception e)
        {
            Failures.Report(e, _screen);
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>
    /// Removes the socket of a server that is gone; not that of one that answers, or a file.
    /// </summary>
    private void RemoveLeftBehind(UnixDomainSocketEndPoint address)
    {
        if (!File.Exists(_path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, 0);
        try
        {
            probe.Connect(address);
        }
        catch (SocketException e) when (
            e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(_path))
        {
            File.Delete(_path);
            return;
        }
        catch (SocketException)
        {
            throw new RequestException($"--socket {_path}: is there already");
        }

        throw new RequestException($"--socket {_path}: another server listens there");
    }

    /// <summary>Connections to a file of the user's are refused, too.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            InputFile.Read(path, most: 0);
            return false;
        }
        catch (IOException e)
        {
            return e.Message.Contains("is a socket");
        }
    }
}
