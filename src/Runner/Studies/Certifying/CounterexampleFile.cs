using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What is written of one broken image.</summary>
internal sealed record CounterexampleFile() : DecidedFile(CounterexampleFile.SchemaName)
{
    /// <summary>The version of the format.</summary>
    public const string SchemaName = "qsim/counterexample/1";

    /// <summary>
    /// An allowed image with another class: pixels in [0, 1], [channel, row, column].
    /// </summary>
    public required float[] Adversarial { get; init; }

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is of another format.</exception>
    /// <exception cref="InputException">It cannot be read, or is none.</exception>
    public static CounterexampleFile Read(string path) =>
        DecidedFiles.Read<CounterexampleFile>(path, SchemaName);
}
