using Xunit.Abstractions;

namespace QSim.Runner.Tests.House;

/// <summary>
/// Files that lead to each other, so that none can be read first. Their number may only fall: who
/// breaks a circle lowers the limits here.
/// </summary>
public class CircleTests(ITestOutputHelper output)
{
    private const int MostCircles = 0;
    private const int LargestCircle = 0;

    /// <summary>QSIM_HOUSE counts the circles of another checkout.</summary>
    [Fact]
    public void Circles_AreNoMoreThanTheyWere()
    {
        string root = Environment.GetEnvironmentVariable("QSIM_HOUSE") ?? Shared.Repository;
        FileGraph graph = FileGraph.Of(Sources(Path.Combine(root, "src")));
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

        Assert.InRange(circles.Count, 0, MostCircles);
        Assert.InRange(circles.Max(c => c.Length), 0, LargestCircle);
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
