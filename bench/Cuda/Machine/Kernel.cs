using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>A kernel ready to run.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Code">In order.</param>
/// <param name="Registers">How many, without constants.</param>
/// <param name="Constants">The registers behind those, as they begin.</param>
/// <param name="Specials">Registers that begin as what they are named for.</param>
/// <param name="Parameters">Where each lies.</param>
/// <param name="ParameterBytes">All of them.</param>
/// <param name="LocalBytes">Each thread's.</param>
/// <param name="SharedBytes">Each group's, without what a launch adds.</param>
/// <param name="MostThreads">Per group; 0 where nothing is said.</param>
internal sealed record Kernel(
    string Name, Instruction[] Code, int Registers, ulong[] Constants,
    (string Name, int Register)[] Specials, Place[] Parameters, int ParameterBytes,
    int LocalBytes, int SharedBytes, int MostThreads)
{
    private Costs? _costs;

    /// <summary>The number of its text, from 1; 0 where nobody counts.</summary>
    public int Text { get; init; }

    /// <summary>What its instructions cost.</summary>
    public Costs Costs => _costs ??= new(Code, Registers);

    /// <summary>Whether threads of a group ever wait for each other.</summary>
    public bool HasWaits { get; } = Code.Any(i => i.Flow is Flow.Barrier or Flow.Warp);
}

/// <summary>A variable's place in its space.</summary>
/// <param name="Declaration">Its name and size.</param>
/// <param name="Space">Which.</param>
/// <param name="Offset">From the beginning of the space.</param>
internal readonly record struct Place(Declaration Declaration, Space Space, int Offset)
{
    /// <summary>Gives a variable the next place that its alignment allows.</summary>
    public static Place Next(Declaration declaration, Space space, ref int bytes)
    {
        int alignment = Math.Max(1, declaration.Alignment);
        int offset = (bytes + alignment - 1) / alignment * alignment;
        bytes = offset + declaration.Bytes;
        return new(declaration, space, offset);
    }
}
