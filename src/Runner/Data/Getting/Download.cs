using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace QSim.Runner.Data.Getting;

/// <summary>
/// One file over HTTP. It grows under a name that ends in <c>.part</c> and gets its own when it is
/// whole; a connection that breaks is taken up where it broke, now or in a later run.
/// </summary>
/// <param name="client">For the requests.</param>
/// <param name="address">The file.</param>
/// <param name="path">Where it goes.</param>
internal sealed class Download(HttpClient client, Uri address, string path)
{
    private const int Tries = 4;
    private const int BufferLength = 1 << 16;

    /// <summary>
    /// What is there of the file until it is whole; mirrors may differ, so each has its own.
    /// </summary>
    public string Part { get; } =
        $"{path}.{Digest.Of(Encoding.UTF8.GetBytes(address.AbsoluteUri))[..8]}.part";

    /// <summary>How long the other side may say nothing.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets the file.</summary>
    /// <param name="progress">Told the share that is here, and in words.</param>
    /// <param name="cancellation">Stops it; what is here stays for the next time.</param>
    /// <exception cref="OriginException">It is not to be had; the message says why.</exception>
    public async Task Run(Action<double, string> progress, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await Continue(progress, cancellation);
                File.Move(Part, path, overwrite: true);
                return;
            }
            catch (Exception e)
                when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                cancellation.ThrowIfCancellationRequested();
                bool isHopeless =
                    e
                    is HttpRequestException
                    {
                        StatusCode: not null and not HttpStatusCode.RequestedRangeNotSatisfiable
                    }
                        or HttpRequestException
                    {
                        HttpRequestError: HttpRequestError.NameResolutionError
                    };
                if (attempt < Tries && !isHopeless)
                    continue;
                if (new FileInfo(Part) is { Exists: true, Length: 0 })
                    File.Delete(Part);
                throw new OriginException($"{Path.GetFileName(path)}: {Reason(e)}");
            }
        }
    }

    private async Task Continue(Action<double, string> progress, CancellationToken cancellation)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stalled.CancelAfter(Patience);
        await using var file = new FileStream(
            Part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (file.Length > 0)
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
        using HttpResponseMessage response = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, stalled.Token);
        // A part that is longer than the file, or a server that knows no ranges: from the start.
        bool isRest = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == file.Length;
        if (!isRest) file.SetLength(0);
        response.EnsureSuccessStatusCode();
        file.Seek(0, SeekOrigin.End);
        long? total = response.Content.Headers.ContentLength + file.Length;
        await Copy(response, file, total, progress, stalled);
        if (total is { } length && file.Length < length)
            throw new IOException($"the connection ended after {file.Length} of {length} bytes");
    }

    private async Task Copy(
        HttpResponseMessage response, FileStream file, long? total, Action<double, string> progress,
        CancellationTokenSource stalled)
    {
        await using Stream content = await response.Content.ReadAsStreamAsync(stalled.Token);
        var buffer = new byte[BufferLength];
        while (await content.ReadAsync(buffer, stalled.Token) is > 0 and var count)
        {
            await file.WriteAsync(buffer.AsMemory(0, count), stalled.Token);
            stalled.CancelAfter(Patience);
            progress(
                total is > 0 ? (double)file.Length / total.Value : 0,
                FormattableString.Invariant($"{Path.GetFileName(path)} {file.Length / 1e6:F1} MB"));
        }
    }

    private string Reason(Exception e) => e is OperationCanceledException
        ? $"nothing was heard for {Patience.TotalSeconds:F0} s"
        : e.Message.TrimEnd('.');
}
