using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace QSim.Runner.Tests.Data.Getting;

/// <summary>
/// A mirror on this machine that can be told to break off, to know no ranges, or to say nothing.
/// </summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly IReadOnlyDictionary<string, byte[]> _files;

    public LoopbackServer(IReadOnlyDictionary<string, byte[]> files)
    {
        _files = files;
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        Address = new($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _ = Task.Run(Serve);
    }

    public Uri Address { get; }

    /// <summary>
    /// Bytes after which a connection breaks, one number per request; then none breaks.
    /// </summary>
    public ConcurrentQueue<int> BreakAfter { get; } = [];

    public bool KnowsRanges { get; set; } = true;

    public bool SaysNothing { get; set; }

    /// <summary>What was asked for: a path, and the first byte of a range.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task Serve()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                if (!SaysNothing) Answer(context);
            }
            catch (Exception e)
                when (e
                        is HttpListenerException
                            or ObjectDisposedException
                            or InvalidOperationException)
            {
                // The client left, or the test is over.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        string name = context.Request.Url!.AbsolutePath.TrimStart('/');
        string? range = context.Request.Headers["Range"];
        Requests.Enqueue($"{name} {range}".TrimEnd());
        HttpListenerResponse response = context.Response;
        if (!_files.TryGetValue(name, out byte[]? content))
        {
            response.StatusCode = 404;
            response.Close();
            return;
        }

        int first = range is null || !KnowsRanges
            ? 0
            : int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        if (first >= content.Length)
        {
            response.StatusCode = 416;
            response.Close();
            return;
        }

        if (first > 0)
        {
            response.StatusCode = 206;
            response.Headers["Content-Range"] =
                $"bytes {first}-{content.Length - 1}/{content.Length}";
        }

        response.ContentLength64 = content.Length - first;
        int count = BreakAfter.TryDequeue(out int most)
            ? Math.Min(most, content.Length - first)
            : content.Length - first;
        response.OutputStream.Write(content, first, count);
        response.OutputStream.Flush();
        if (count < content.Length - first) response.Abort();
        else response.Close();
    }
}
