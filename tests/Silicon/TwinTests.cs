namespace QSim.Silicon.Tests;

public class TwinTests
{
    [SkippableTheory]
    [InlineData(0, 30)]
    public void Every_register_of_random_layers_is_the_references_in_Verilator(int from, int count)
    {
        MacTwin[] twins = [.. Enumerable.Range(from, count).Select(RandomTwins.Of)];
        AssertPassed(twins, Simulators.Verilator(twins));
    }

    private static void AssertPassed(MacTwin[] twins, string said)
    {
        string[] lines = said.Split('\n');
        foreach (MacTwin twin in twins)
            Assert.True(
                lines.Any(l => l.StartsWith($"PASSED {twin.Name} ", StringComparison.Ordinal)),
                string.Join('\n', lines.Where(l => l.Contains(twin.Name + ' '))));
    }
}
