using Xunit.Abstractions;

namespace QSim.Runner.Tests.House;

/// <summary>
/// Files that lead to each other, so that none can be read first.
/// </summary>
public class CircleTests(ITestOutputHelper output)
{
    /// <summary>
    /// The largest that there is a reason for: operators of a file format, or layers and what takes
    /// them, that name each other.
    /// </summary>
    private const int Largest = 6;

    /// <summary>
    /// Binding every name takes a minute of processor time, so only who asks is told: QSIM_HOUSE is
    /// the checkout whose circles are counted.
    /// </summary>
    [SkippableFact]
    public void Circles_OfTheWholeTree_AreSmall()
    {
        string? root = Environment.GetEnvironmentVariable("QSIM_HOUSE");
        Skip.If(root is null, "set QSIM_HOUSE to a checkout: it takes a minute");
        FileGraph graph = FileGraph.Of(Sources(Path.Combine(root!, "src")));
        IReadOnlyList<string[]> circles = graph.Circles();
        output.WriteLine(
            $"{circles.Count} circles, {circles.Sum(c => c.Length)} files in them, "
            + $"the largest {circles.Max(c => c.Length)}");
        foreach (string[] circle in circles)
        {
            output.WriteLine($"-- {circle.Length}");
            foreach (string file in circle)
                output.WriteLine(
                    $"{file}: {string.Join(", ", graph.Uses(file).Intersect(circle))}");
        }

        Assert.InRange(circles.Max(c => c.Length), 0, Largest);
    }

    [Theory]
    [InlineData("class A { B? b; }", "class B { A? a; }", "A.cs B.cs")]
    [InlineData("class A { B? b; }", "class B;", "")]
    [InlineData("static class A { public static int Two(this int x) => B.Four / x; }",
        "class B { public static int Four => 2.Two(); }", "A.cs B.cs")]
    [InlineData("record A(int B) { int C => B; }", "class B { A? a; }", "")]
    public void Circles_OfTwoFiles_AreFound(string a, string b, string circle) => Assert.Equal(
        circle,
        string.Join(' ', FileGraph.Of([("A.cs", a), ("B.cs", b)]).Circles().SelectMany(c => c)));

    private static IEnumerable<(string Path, string Text)> Sources(string folder) =>
        from file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(folder, file).Replace('\\', '/')
        where !path.Contains("/obj/") && !path.Contains("/bin/")
        orderby path
        select (path, File.ReadAllText(file));
}
