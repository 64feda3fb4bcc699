namespace QSim.Attacks.Tests;

public class KeyedRandomTests
{
    [Fact]
    public void NextFloats_AnyPositionAndLength_EqualsOneAtATime()
    {
        foreach (int drawn in new[] { 0, 1, 2, 3, 4, 7 })
            foreach (int length in new[] { 0, 1, 3, 4, 5, 63, 64, 65, 130, 784 })
            {
                KeyedRandom many = new(7, RandomPurpose.AttackStart, (3L << 32) + 5, 2), one = many;
                for (int i = 0; i < drawn; i++) Assert.Equal(one.NextBits(), many.NextBits());
                float[] values = new float[length];
                many.NextFloats(-0.3f, 0.1f, values);
                float[] expected =
                    [.. Enumerable.Range(0, length).Select(_ => one.NextFloat(-0.3f, 0.1f))];
                Assert.Equal(expected, values);
                Assert.Equal(one.NextBits(), many.NextBits());
            }
    }
}
