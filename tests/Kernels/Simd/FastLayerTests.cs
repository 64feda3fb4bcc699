using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.RandomPrograms;

namespace QSim.Kernels.Tests.Simd;

/// <summary>The fast loops against the reference, with events and without: these choose different loops.</summary>
public sealed class FastLayerTests
{
    [Theory]
    [InlineData(FastKind.Wide)]
    [InlineData(FastKind.Wrapping)]
    [InlineData(FastKind.Unrolled)]
    [InlineData(FastKind.SaturatingShort)]
    [InlineData(FastKind.SaturatingWide)]
    [InlineData(FastKind.Rounding)]
    public void Run_FastKinds_EqualsReference(FastKind kind)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            QuantizedProgram program = FastLayers.Program(kind, seed);
            int images = 1 + (seed % 11);
            long[] inputs = ProgramGenerator.Inputs(program, images, seed);
            using IProgramRunner expected = new ReferenceBackend().Load(program);
            using IProgramRunner actual = new SimdBackend().Load(program);
            RunAssert.Equal(
                expected.Run(inputs, images, RunOptions.WithEvents),
                actual.Run(inputs, images, RunOptions.WithEvents), $"{program.Name}, with events");
            RunAssert.Equal(
                expected.Run(inputs, images, RunOptions.Default),
                actual.Run(inputs, images, RunOptions.Default), $"{program.Name}, without events");
        }
    }
}
