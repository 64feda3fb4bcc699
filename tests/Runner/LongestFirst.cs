using Xunit.Abstractions;

[assembly: TestCollectionOrderer("QSim.Runner.Tests.LongestFirst", "QSim.Runner.Tests")]

namespace QSim.Runner.Tests;

/// <summary>
/// A class's tests run one after another: what takes minutes begins first, or it would end long
/// after everything else, alone on the machine.
/// </summary>
internal sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>Over a minute each; how long the others take decides about nothing.</summary>
    private static readonly string[] Long =
    [
        typeof(Fuzz.FuzzTests).FullName!,
        typeof(CommandLine.KillTests).FullName!,
        typeof(CommandLine.EndingTests).FullName!,
        typeof(CommandLine.AttackRunTests).FullName!,
        typeof(Python.PythonTests).FullName!,
        typeof(CommandLine.SearchQuestionTests).FullName!,
        typeof(CommandLine.CostToolTests).FullName!,
        typeof(CommandLine.RunTests).FullName!,
        typeof(CommandLine.CostTests).FullName!,
        typeof(CommandLine.ResumeTests).FullName!,
        typeof(CommandLine.CertifiedStudyTests).FullName!,
        typeof(CommandLine.OutputFolderTests).FullName!,
        typeof(CommandLine.TrainingRunTests).FullName!,
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(
        IEnumerable<ITestCollection> collections) => collections.OrderBy(Place);

    /// <summary>xUnit names them "Test collection for CLASS (id: ...)".</summary>
    private static int Place(ITestCollection collection)
    {
        int place = Array.FindIndex(
            Long, name => collection.DisplayName.Contains($" {name} ", StringComparison.Ordinal));
        return place < 0 ? Long.Length : place;
    }
}
