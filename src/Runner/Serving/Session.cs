using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Reports;

namespace QSim.Runner.Serving;

/// <summary>
/// One client: requests one after another, each answered before the next is read. Whatever is
/// asked, the answer is one frame; what cannot be is an error with a text, and the session goes on.
/// </summary>
/// <param name="stream">Both ways.</param>
/// <param name="folders">Where datasets are.</param>
internal sealed class Session(DuplexStream stream, DataFolders folders)
{
    private const string Handle = "handle";

    private static readonly FrameKind[] TakesArrays =
        [FrameKind.Open, FrameKind.Forward, FrameKind.Taps, FrameKind.Gradient];

    private readonly FrameReader _reader = new(stream.Input);
    private readonly FrameWriter _writer = new(stream.Output);
    private readonly Dictionary<int, ServedHardware> _open = [];
    private bool _isGreeted;
    private int _last;

    /// <summary>Answers until the client ends.</summary>
    /// <param name="cancellation">Stops long work.</param>
    /// <exception cref="RequestException">It ends within a frame.</exception>
    /// <exception cref="IOException">The client is gone.</exception>
    /// <exception cref="OperationCanceledException">The same, or this was cancelled.</exception>
    public void Run(CancellationToken cancellation)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (Step(gone))
            {
            }
        }
        finally
        {
            foreach (ServedHardware hardware in _open.Values) hardware.Dispose();
            _open.Clear();
        }
    }

    private bool Step(CancellationTokenSource gone)
    {
        uint id = 0;
        try
        {
            if (_reader.Read() is not { } frame) return false;
            id = frame.Id;
            Answer answer = AnswerTo(frame, gone);
            _writer.Write(FrameKind.Answer | frame.Kind, id, answer);
            return true;
        }
        catch (FrameException e)
        {
            var fault = new RequestException(e.Message);
            Refuse(e.Id, fault);
            return e.IsEnd ? throw fault : true;
        }
        catch (Exception e) when (!gone.IsCancellationRequested && !IsOfStream(e))
        {
            Refuse(id, e);
            return true;
        }
    }

    /// <summary>
    /// A pipe that nobody reads. What is wrong with files comes as IOException as well, but from
    /// within <see cref="AnswerTo"/>, which says so.
    /// </summary>
    private static bool IsOfStream(Exception exception) =>
        exception is IOException and not FileTroubleException;

    private void Refuse(uint id, Exception exception)
    {
        (ExitCode code, string text) = Failures.Describe(
            exception is FileTroubleException trouble ? trouble.InnerException! : exception);
        _writer.Write(FrameKind.Error, id, new(new Dictionary<string, object?>
        {
            ["code"] = (int)code,
            ["error"] = text,
        }));
    }

    private Answer AnswerTo(Frame frame, CancellationTokenSource gone)
    {
        using RequestHead head = RequestHead.Parse(frame.Head);
        IReadOnlyList<SentArray> arrays = SentArray.Of(head, frame.Body);
        if (arrays.Count > 0 && !TakesArrays.Contains(frame.Kind))
            throw new RequestException($"arrays: {arrays.Count} (supported here: 0)");
        if (frame.Kind == FrameKind.Hello) return Greet(head);
        if (!_isGreeted)
            throw new RequestException($"hello comes first, with protocol {Wire.Version}");
        try
        {
            return frame.Kind switch
            {
                FrameKind.Ping => Only(head, () => Answer.Empty),
                FrameKind.Open => Open(
                    head, arrays, new FrameProgress(_writer, frame.Id, gone), gone.Token),
                FrameKind.Forward => Forward(head, arrays),
                FrameKind.Taps => Taps(head, arrays),
                FrameKind.Gradient => Gradient(head, arrays),
                FrameKind.Images => Images(head),
                FrameKind.Close => Close(head),
                _ => throw new RequestException(
                    $"unknown kind {(byte)frame.Kind} (supported: {(byte)FrameKind.Hello}.."
                        + $"{(byte)FrameKind.Images})"),
            };
        }
        catch (IOException e)
        {
            throw new FileTroubleException(e);
        }
    }

    private Answer Greet(RequestHead head)
    {
        long version = head.Whole("protocol", 0, int.MaxValue);
        head.Text("client");
        head.RefuseOthers();
        if (version != Wire.Version)
            throw new RequestException(
                $"protocol {version} (supported: {Wire.Version}): use a client and a qsim of the "
                    + "same version");
        _isGreeted = true;
        return new(new Dictionary<string, object?>
        {
            ["protocol"] = Wire.Version,
            ["qsim"] = Surroundings.Host().Qsim,
            ["most_frame"] = Wire.MostFrame,
            ["most_head"] = Wire.MostHead,
            ["most_open"] = Wire.MostOpen,
        });
    }

    private Answer Open(
        RequestHead head, IReadOnlyList<SentArray> arrays, FrameProgress progress,
        CancellationToken cancellation)
    {
        if (_open.Count == Wire.MostOpen)
            throw new RequestException(
                $"{Wire.MostOpen} are open already (supported: at most {Wire.MostOpen}; close "
                    + "one)");
        ServedHardware hardware = OpenRequest.Open(head, arrays, folders, progress, cancellation);
        _open[++_last] = hardware;
        return OpenAnswer.Of(_last, hardware);
    }

    private Answer Forward(RequestHead head, IReadOnlyList<SentArray> arrays)
    {
        ServedHardware hardware = Find(head);
        long first = First(head);
        return Only(head, () => hardware.Forward(One(arrays, "images"), first));
    }

    private Answer Taps(RequestHead head, IReadOnlyList<SentArray> arrays)
    {
        ServedHardware hardware = Find(head);
        long first = First(head);
        IReadOnlyList<string>? layers = head.Texts("layers");
        return Only(head, () => hardware.Taps(One(arrays, "images"), layers, first));
    }

    private Answer Gradient(RequestHead head, IReadOnlyList<SentArray> arrays)
    {
        ServedHardware hardware = Find(head);
        long first = First(head);
        string? loss = head.Text("loss");
        return Only(head, () => hardware.Gradient(
            One(arrays, "images", "labels", "vectors"), Named(arrays, "labels"),
            Named(arrays, "vectors"), loss, first));
    }

    private Answer Images(RequestHead head)
    {
        ServedHardware hardware = Find(head);
        int first = (int)head.Whole("first", 0, int.MaxValue, 0),
            count = (int)head.Whole("count", 1, int.MaxValue, int.MaxValue);
        return Only(head, () => hardware.Images(first, count));
    }

    private Answer Close(RequestHead head)
    {
        ServedHardware hardware = Find(head);
        int handle = (int)head.Whole(Handle, 1, int.MaxValue);
        return Only(head, () =>
        {
            _open.Remove(handle);
            hardware.Dispose();
            return Answer.Empty;
        });
    }

    /// <summary>The answer, unless the head has keys that nobody asked for.</summary>
    private static Answer Only(RequestHead head, Func<Answer> answer)
    {
        head.RefuseOthers();
        return answer();
    }

    private ServedHardware Find(RequestHead head)
    {
        long handle = head.Whole(Handle, 1, int.MaxValue);
        return _open.TryGetValue((int)handle, out ServedHardware? hardware)
            ? hardware
            : throw new RequestException($"{Handle}: {handle} is not open");
    }

    private static long First(RequestHead head) =>
        head.Whole("first_image", 0, long.MaxValue / 2, 0);

    private static SentArray? Named(IReadOnlyList<SentArray> arrays, string name) =>
        arrays.FirstOrDefault(a => a.Name == name);

    /// <summary>The array that is needed; others are refused but for those named behind.</summary>
    private static SentArray One(
        IReadOnlyList<SentArray> arrays, string name, params string[] others)
    {
        if (arrays.FirstOrDefault(a => a.Name != name && !others.Contains(a.Name)) is { } odd)
            throw new RequestException(
                $"arrays: unknown '{Simulator.Brief.Name(odd.Name)}' (supported: "
                    + $"{string.Join(", ", others.Prepend(name))})");
        return Named(arrays, name) ?? throw new RequestException($"{name}: is missing");
    }

    /// <summary>A file that cannot be read or written; the client is still there.</summary>
    private sealed class FileTroubleException(IOException inner)
        : IOException(inner.Message, inner);
}

/// <summary>Two streams of one client.</summary>
/// <param name="Input">What it says.</param>
/// <param name="Output">What it hears.</param>
internal sealed record DuplexStream(Stream Input, Stream Output);
