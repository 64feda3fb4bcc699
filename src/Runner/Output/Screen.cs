using Spectre.Console;

namespace QSim.Runner.Output;

/// <summary>
/// Where a command writes: results on <see cref="Out"/>, everything else on <see cref="Err"/>.
/// Colour and boxes only on a terminal, and no colour where NO_COLOR is set.
/// </summary>
internal sealed class Screen
{
    private readonly Lock _lock = new();

    /// <summary>A screen on two writers.</summary>
    /// <param name="output">For results.</param>
    /// <param name="error">For progress and diagnostics.</param>
    /// <param name="outIsTerminal">Whether people see <paramref name="output"/> directly.</param>
    /// <param name="errorIsTerminal">Whether people see <paramref name="error"/> directly.</param>
    /// <param name="colour">Whether colour is wanted on a terminal.</param>
    public Screen(
        TextWriter output, TextWriter error, bool outIsTerminal, bool errorIsTerminal, bool colour)
    {
        (Out, Err) = (output, error);
        (OutIsTerminal, ErrorIsTerminal) = (outIsTerminal, errorIsTerminal);
        OutConsole = CreateConsole(output, outIsTerminal, colour);
        ErrorConsole = CreateConsole(error, errorIsTerminal, colour);
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Progress and diagnostics.</summary>
    public TextWriter Err { get; }

    /// <summary>False when results are redirected.</summary>
    public bool OutIsTerminal { get; }

    /// <summary>False when progress is redirected.</summary>
    public bool ErrorIsTerminal { get; }

    /// <summary>Results, for tables on a terminal.</summary>
    public IAnsiConsole OutConsole { get; }

    /// <summary>Progress bars on a terminal.</summary>
    public IAnsiConsole ErrorConsole { get; }

    /// <summary>Whether nobody wants to see how work gets on (--quiet).</summary>
    public bool IsQuiet { get; set; }

    /// <summary>The console of this process.</summary>
    public static Screen OfThisProcess() => new(
        StandardStreams.Output(), StandardStreams.Error(),
        !Console.IsOutputRedirected, !Console.IsErrorRedirected,
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>A result line.</summary>
    public void Line(string text = "") => Out.WriteLine(Untrusted.Lines(text));

    /// <summary>
    /// A file's text as a result: to the byte where it is redirected, harmless on a terminal.
    /// </summary>
    public void Document(string text) => Out.Write(OutIsTerminal ? Untrusted.Lines(text) : text);

    /// <summary>A line that is not a result.</summary>
    public void Note(string text)
    {
        lock (_lock) Err.WriteLine(Untrusted.Lines(text));
    }

    /// <summary>Says what is wrong, in one line.</summary>
    public void Error(string text)
    {
        string line = Untrusted.Line(text);
        if (ErrorIsTerminal) ErrorConsole.MarkupLineInterpolated($"[red]qsim:[/] {line}");
        else Note($"qsim: {line}");
    }

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isTerminal, bool colour) =>
        AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new Output(writer, isTerminal),
                Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem =
                    isTerminal && colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            });

    /// <summary>
    /// Spectre takes a writer that is not the console's own for a file, and then draws no bars.
    /// </summary>
    private sealed class Output(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _inner = new(writer);

        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => _inner.Width;

        public int Height => _inner.Height;

        public void SetEncoding(System.Text.Encoding encoding) => _inner.SetEncoding(encoding);
    }
}
