namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Random graphs with scales found in each image, with and without constants between their layers:
/// run and written again, they give ONNX Runtime's float32 numbers. QSIM_QUANTIZED_GRAPHS sets how
/// many, QSIM_ONNX_SEED the first seed.
/// </summary>
public class DynamicRandomTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_RandomGraphs_GiveOnnxRuntimesLogits(bool hasConstants) => Each(
        hasConstants, (file, seed, needsBlocks) => DynamicGraphTests.Equal(
            file, new(3, 8, 8), 10, seed % 3 != 0 || needsBlocks));

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_RandomGraphs_RunTheSame(bool hasConstants) => Each(
        hasConstants,
        (file, _, _) => DynamicGraphTests.WrittenIsTheSame(file, new(3, 8, 8), 5));

    /// <summary>Two float32 operations on pixels, in the file's order.</summary>
    [Fact]
    public void Run_NormalizedPixels_GiveOnnxRuntimesLogits()
    {
        byte[] file = new DynamicModel(5, true).LeNet(normalizes: true);
        DynamicGraphTests.Equal(file, new(1, 28, 28), 300, optimizes: true);
        DynamicGraphTests.WrittenIsTheSame(file, new(1, 28, 28), 20);
    }

    /// <summary>The fused sum comes before the norm's own addend, where there is one.</summary>
    [SkippableTheory]
    [InlineData("pool")]
    [InlineData("pool, turned")]
    [InlineData("norm")]
    [InlineData("convolution")]
    [InlineData("activation")]
    [InlineData("read twice")]
    [InlineData("three")]
    [InlineData("Sum")]
    [InlineData("itself")]
    public void Run_NormInBlocksWithASumBehindIt_GivesOnnxRuntimesLogits(string other)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (int opset in new[] { 13, 19 })
            foreach (bool isLast in new[] { true, false })
                for (int seed = 1; seed <= 3; seed++)
                {
                    byte[] file = new DynamicModel(seed, true, opset: opset)
                        .NormAndSum(other, isLast);
                    DynamicGraphTests.Equal(file, new(3, 8, 8), 10, optimizes: true);
                    DynamicGraphTests.WrittenIsTheSame(file, new(3, 8, 8), 5);
                }
    }

    public static TheoryData<int, int> BehindPools()
    {
        var all = new TheoryData<int, int>();
        foreach (int opset in (int[])[13, 15, 18, 19])
            for (int step = 16; step < 25; step++) all.Add(step, opset);
        return all;
    }

    /// <summary>
    /// What leaves ONNX Runtime's blocks of channels, and what stays in them: run and written.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(BehindPools))]
    public void Run_ConstantsBehindAPool_GiveOnnxRuntimesLogits(int step, int opset)
    {
        DynamicModel.SkipWiderBlocks();
        for (int seed = 1; seed <= 4; seed++)
        {
            byte[] file = new DynamicModel(seed, true, opset: opset).BehindAPool(step);
            DynamicGraphTests.Equal(file, new(3, 8, 8), 10, optimizes: true);
            DynamicGraphTests.WrittenIsTheSame(file, new(3, 8, 8), 5);
        }
    }

    private static void Each(bool hasConstants, Action<byte[], int, bool> test)
    {
        DynamicModel.SkipWiderBlocks();
        int graphs = OnnxRuntimeTests.Setting("QSIM_QUANTIZED_GRAPHS", 40);
        int first = OnnxRuntimeTests.Setting("QSIM_ONNX_SEED", 1);
        List<string> failed = [];
        for (int seed = first; seed < first + graphs; seed++)
        {
            var model = new DynamicModel(
                seed, seed % 2 == 0, opset: new[] { 19, 13, 15, 18 }[seed % 4]);
            byte[] file = model.Chain(hasConstants);
            try
            {
                test(file, seed, model.AveragesInBlocks);
            }
            catch (Exception e)
            {
                failed.Add($"seed {seed} ({string.Join(", ", model.Steps)}): {e.Message}");
            }
        }

        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }
}
